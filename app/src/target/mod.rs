//! Targets for a gap: ranked companies, each term in its own column.

use domain::{
    chain::GapClass,
    lead::{HeldClaim, NewLead},
    problem::Problem,
    target::{TARGET_PAGE, TargetPage as Targets, TargetRow, TargetTerm, TargetTermKind},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use server_fn::codec::Json;

use crate::{
    component::{
        Bar, GapTag, Icon, Marked, PageTitle, Pager, load, path_number, query_value, submit,
        use_toasts,
    },
    error::{AppError, Encoded},
    format,
    lead::{ClaimConflict, register_lead},
    words::{Locale, problem_sentence, use_words},
};

/// Ranked companies for a node.
///
/// # Errors
/// The use case's problem.
#[server(name = FindTargetsRequest, prefix = "/api", endpoint = "find_targets", input = Json)]
pub async fn find_targets(
    node_id: i64,
    province: Option<String>,
    page: u64,
) -> Result<Encoded<Targets>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.targets(&actor, node_id, province, page).await)
}

/// The finder.
#[component]
pub fn TargetPage() -> impl IntoView {
    let node = path_number("node");
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let province = query
            .with(|query| query.get("province"))
            .filter(|name| !name.is_empty());
        let page = query
            .with(|query| query.get("page"))
            .and_then(|page| page.parse::<u64>().ok())
            .unwrap_or(0);
        (node.get(), province, page)
    });
    load(
        move || asked.get(),
        |(node, province, page): (Option<i64>, Option<String>, u64)| async move {
            match node {
                Some(node) => find_targets(node, province, page).await,
                None => Err(AppError(domain::problem::Problem::NotFound)),
            }
        },
        move |targets, _| {
            let province = asked.get_untracked().1;
            view! { <Finder targets province/> }.into_any()
        },
    )
}

fn term_name(words: Locale, kind: TargetTermKind) -> &'static str {
    match kind {
        TargetTermKind::Fit => words.target_fit(),
        TargetTermKind::Gap => words.target_gap(),
        TargetTermKind::Supply => words.target_supply(),
        TargetTermKind::Reach => words.target_reach(),
        TargetTermKind::Growth => words.target_growth(),
    }
}

#[component]
fn Finder(targets: Targets, province: Option<String>) -> impl IntoView {
    let words = use_words();
    let node_id = targets.node_id;
    let title = words.targets_for(targets.node_name.clone());
    let most = targets
        .provinces
        .first()
        .map_or(1, |(_, count)| *count)
        .max(1);
    let here = province.clone();
    let facets = targets
        .provinces
        .iter()
        .map(|(name, count)| {
            let chosen = province.as_deref() == Some(name.as_str());
            let href = if chosen {
                format!("/targets/{node_id}")
            } else {
                format!("/targets/{node_id}?province={}", query_value(name))
            };
            #[allow(clippy::cast_precision_loss, reason = "a bar's length")]
            let share = *count as f64 / most as f64;
            view! {
                <li>
                    <a class="check" href=href aria-current=chosen.then_some("true")>{name.clone()}</a>
                    <span class="bar thin" data-kind="plain" style=format!("--v:{share:.3}")></span>
                    <span class="n">{format::count(*count)}</span>
                </li>
            }
        })
        .collect_view();
    let link = Callback::new(move |page: u64| {
        let province = here
            .as_deref()
            .map(|name| format!("&province={}", query_value(name)))
            .unwrap_or_default();
        format!("/targets/{node_id}?page={page}{province}")
    });
    let may_write = targets.may_write;
    let total = targets.total.min(200);
    let is_empty = targets.rows.is_empty();
    view! {
        <PageTitle text=title.clone()/>
        <main class="page targets" id="main">
            <div class="page-head">
                <h1>{words.targets_title()}</h1>
                <p class="sub">{words.targets_sub(
                    format::count(targets.total),
                    words.engine(&targets.engine),
                    format::count(targets.directory_size),
                )}</p>
                <div class="end">
                    <a class="btn" href=format!("/chains/{}?node={node_id}", targets.chain_id)>{words.back_to_map()}</a>
                </div>
            </div>
            <section class="query">
                <span class="row">
                    <GapTag class=targets.class/>
                    <b>{targets.node_name.clone()}</b>
                    {targets.gap_score.map(|score| view! { <span class="muted">{format!("G {score:.1}")}</span> })}
                </span>
                <div class="terms" tabindex="0" role="group" aria-label=words.searched_terms()>
                    <span class="muted">{words.searched_terms()}</span>
                    {targets.terms.iter().map(|term| view! { <span class="chip" data-kind="term">{term.clone()}</span> }).collect_view()}
                </div>
            </section>
            <div class="cols fold">
                <aside class="facets" aria-label=words.province()>
                    <section><h2>{words.province()}</h2><ul>{facets}</ul></section>
                </aside>
                <section class="panel res">
                    {if is_empty {
                        view! {
                            <div class="empty">
                                <Icon name="i-target"/>
                                <b>{words.no_target()}</b>
                                <p>{words.no_target_hint()}</p>
                                <div class="btns-row"><a class="btn" href=format!("/targets/{node_id}")>{words.clear_filter()}</a></div>
                            </div>
                        }.into_any()
                    } else {
                        view! {
                            <div class="scroll scroll-x" tabindex="0" role="region" aria-label=title.clone()>
                                <table class="table">
                                    <thead>
                                        <tr>
                                            <th><span class="vh">{words.rank()}</span></th>
                                            <th>{words.enterprise()}</th>
                                            {TargetTermKind::ALL.into_iter().map(|kind| view! {
                                                <th class="num">{term_name(words, kind)}<br/><span class="muted">{format!("×{:.2}", kind.default_weight())}</span></th>
                                            }).collect_view()}
                                            <th class="num">{words.total()}<br/><span class="muted">"/ 100"</span></th>
                                            <th><span class="vh">{words.act()}</span></th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {targets.rows.into_iter().map(|row| view! {
                                            <Row row node_id may_write class=targets.class/>
                                        }).collect_view()}
                                    </tbody>
                                </table>
                            </div>
                            <p class="foot"><span>{words.excluded_local(format::count(targets.excluded_local))}</span></p>
                            <Pager page=targets.page page_size=TARGET_PAGE total link/>
                        }.into_any()
                    }}
                </section>
            </div>
        </main>
    }
}

#[component]
fn Term(term: TargetTerm) -> impl IntoView {
    let words = use_words();
    match term.value {
        Some(value) => view! {
            <td class="t"><span class="num">{format!("{value:.2}")}</span><Bar value=Some(value)/></td>
        }
        .into_any(),
        None => view! {
            <td class="t"><span class="num muted">{words.missing_word()}</span><Bar value=None/></td>
        }
        .into_any(),
    }
}

#[component]
fn Row(row: TargetRow, node_id: i64, may_write: bool, class: GapClass) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let pending = RwSignal::new(false);
    let conflict = RwSignal::new(None::<HeldClaim>);
    let register = move |enterprise_id: i64, title: String| {
        let navigate = navigate.clone();
        submit(
            pending,
            register_lead(NewLead {
                enterprise_id,
                chain_node_id: Some(node_id),
                bureau_id: None,
                title,
                investment_wan: None,
                land_mu: None,
                source: words.source_chain_map().to_owned(),
            }),
            move |outcome| match outcome {
                Ok(lead_id) => navigate(
                    &format!("/leads/{lead_id}"),
                    leptos_router::NavigateOptions::default(),
                ),
                Err(AppError(Problem::ClaimHeld { held, .. })) => conflict.set(Some(*held)),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    let missing: Vec<&str> = row
        .score
        .terms
        .iter()
        .filter(|term| term.value.is_none())
        .map(|term| term_name(words, term.kind))
        .collect();
    let missing = (!missing.is_empty()).then(|| words.missing_terms(missing.join("、")));
    let project = words.project_title(row.name.clone(), words.gap_class(class));
    let enterprise_id = row.enterprise_id;
    let name = row.name.clone();
    let held = row.held.clone();
    let act = match (&held, may_write) {
        (None, true) => view! {
            <button
                type="button"
                class="btn small primary"
                aria-label=words.make_lead_of(name.clone())
                disabled=move || pending.get()
                on:click=move |_| register(enterprise_id, project.clone())
            >
                {words.make_lead()}
            </button>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <tr class="r">
            <td rowspan="2" class="ck"><span class="muted">{row.rank}</span></td>
            <td class="co">
                <a href=format!("/enterprises/{enterprise_id}")><b>{row.name.clone()}</b></a>
                <span class="muted">{format::place(row.province.as_deref(), row.city.as_deref())}
                    {row.stock_code.clone().map(|code| format!("　{code}"))}</span>
                {row.is_demo.then(|| view! { <span class="badge" data-kind="demo">{words.demo()}</span> })}
            </td>
            {row.score.terms.clone().into_iter().map(|term| view! { <Term term/> }).collect_view()}
            <td class="tot num">{format!("{:.1}", row.score.total)}</td>
            <td class="num">
                {act}
                {move || conflict.get().map(|held| view! {
                    <ClaimConflict enterprise_id held close=Callback::new(move |()| conflict.set(None))/>
                })}
            </td>
        </tr>
        <tr class="ev">
            <td colspan="8">
                <div>
                    <span class="pr">
                        {row.hits.into_iter().enumerate().map(|(index, hit)| view! {
                            {(index > 0).then_some("、")}<Marked text=hit.product term=hit.term/>
                        }).collect_view()}
                    </span>
                    {missing.map(|missing| view! { <span class="miss">{missing}</span> })}
                    {held.map(|held| {
                        let text = words.held_badge(held.bureau, words.stage(held.stage));
                        match held.lead_id {
                            Some(id) => view! {
                                <a class="badge" data-kind="claim" href=format!("/leads/{id}")><Icon name="i-lock"/>{text}</a>
                            }.into_any(),
                            None => view! {
                                <span class="badge" data-kind="claim"><Icon name="i-lock"/>{text}</span>
                            }.into_any(),
                        }
                    })}
                </div>
            </td>
        </tr>
    }
}
