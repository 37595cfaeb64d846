//! Chains: the list with its counts, and the gap map with its panel.

mod drawing;
#[cfg(feature = "ssr")]
mod export;
mod map;
mod panel;
mod picture;
mod viewport;

pub(crate) use drawing::{Drawing, Faces, faces};
#[cfg(feature = "ssr")]
pub use export::map_svg;
pub use map::ChainMapPage;
pub(crate) use viewport::{
    MapState, Viewport, WHOLE_NODES, drawn_size, folded_size, style as drawn_style,
};

use domain::{
    account::Action,
    chain::{ChainMap, ChainSummary, GapClass, NodePanel},
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    account::use_actor,
    component::{GapTag, Icon, PageTitle, load},
    error::{AppError, Encoded},
    format::count,
    words::use_words,
};

/// The chains with the count of their nodes by class.
///
/// # Errors
/// The use case's problem.
#[server(name = ListChainsRequest, prefix = "/api", endpoint = "list_chains", input = Json)]
pub async fn list_chains() -> Result<Encoded<Vec<ChainSummary>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.chains(&actor).await)
}

/// One chain's gap map.
///
/// # Errors
/// The use case's problem.
#[server(name = ChainMapRequest, prefix = "/api", endpoint = "chain_map", input = Json)]
pub async fn chain_map(chain_id: i64) -> Result<Encoded<ChainMap>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.chain_map(&actor, chain_id).await)
}

/// All about one node.
///
/// # Errors
/// The use case's problem.
#[server(name = NodePanelRequest, prefix = "/api", endpoint = "node_panel", input = Json)]
pub async fn node_panel(node_id: i64) -> Result<Encoded<NodePanel>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.node_panel(&actor, node_id).await)
}

/// The start page: every chain, and where each is missing or weak.
#[component]
pub fn ChainListPage() -> impl IntoView {
    load(
        || (),
        |()| list_chains(),
        |chains, _| view! { <ChainList chains/> }.into_any(),
    )
}

#[component]
fn ChainList(chains: Vec<ChainSummary>) -> impl IntoView {
    let words = use_words();
    let actor = use_actor();
    let gaps: u32 = chains
        .iter()
        .flat_map(|chain| &chain.classes)
        .filter(|(class, _)| class.is_gap())
        .map(|(_, count)| count)
        .sum();
    let leads: u64 = chains.iter().map(|chain| chain.open_leads).sum();
    view! {
        <PageTitle text=words.nav_chains_long()/>
        <main class="page chain-list" id="main">
            <div class="page-head">
                <h1>{words.nav_chains_long()}</h1>
                <p class="sub">{words.chains_sub(chains.len(), gaps, leads)}</p>
                <Transition fallback=|| ()>
                    {move || Suspend::new(async move {
                        actor.await.ok().flatten()
                            .is_some_and(|actor| actor.may(Action::EditChain))
                            .then(|| view! { <div class="end"><a class="btn" href="/chains/new"><Icon name="i-plus"/>{words.new_chain()}</a></div> })
                    })}
                </Transition>
            </div>
            {if chains.is_empty() {
                view! {
                    <div class="empty">
                        <Icon name="i-chain"/>
                        <b>{words.no_chain()}</b>
                        <p>{words.no_chain_hint()}</p>
                    </div>
                }.into_any()
            } else {
                view! {
                    <section class="panel">
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.nav_chains_long()>
                            <table class="table">
                                <thead>
                                    <tr>
                                        <th>{words.chain()}</th>
                                        <th>{words.chain_chief()}</th>
                                        <th class="num">{words.nodes()}</th>
                                        {GapClass::ALL.into_iter().map(|class| view! {
                                            <th class="counts num"><GapTag class/></th>
                                        }).collect_view()}
                                        <th class="num">{words.local_firms()}<span class="unit">{words.unit_firms()}</span></th>
                                        <th class="num">{words.open_leads()}<span class="unit">{words.unit_items()}</span></th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {chains.into_iter().map(|chain| view! {
                                        <tr>
                                            <td class="name nowrap"><a href=format!("/chains/{}", chain.id)><b>{chain.name}</b></a></td>
                                            <td class="nowrap">{chain.chief.unwrap_or_else(|| "—".to_owned())}</td>
                                            <td class="num">{chain.node_count}</td>
                                            {chain.classes.into_iter().map(|(_, count)| view! {
                                                <td class=if count == 0 { "counts zero num" } else { "counts num" }>{count}</td>
                                            }).collect_view()}
                                            <td class="num">{count(chain.local_firms)}</td>
                                            <td class="num">{count(chain.open_leads)}</td>
                                        </tr>
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                    </section>
                }.into_any()
            }}
        </main>
    }
}
