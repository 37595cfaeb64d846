//! The reference graph of products: what was read, a search, and what lies around one product. It helps to draw a
//! chain; it is none.

use domain::chain::{
    LeftOut, LeftOutReason, NameProblem, NewChain, ProductHit, ReferencePage as Reference,
    ReferenceProduct, ReferenceQuery, ReferenceSource, RelationKind, Side, SourceKind,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{new_chain, reference_page};
use crate::{
    account::use_actor,
    component::{
        Icon, PageTitle, ProblemNotice, Refusal, TextField, field_error, load, problem_in_address,
        query_value, submit,
    },
    error::AppError,
    format,
    words::{Locale, use_words},
};

/// The refusal that an upload came back with.
fn upload_problem() -> Option<domain::problem::Problem> {
    use_query_map().with_untracked(problem_in_address)
}

/// The graph, and one product in it.
#[component]
pub fn ReferencePage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| ReferenceQuery {
            text: query.get("q").unwrap_or_default(),
            product: query.get("product").filter(|name| !name.is_empty()),
        })
    });
    load(
        move || asked.get(),
        reference_page,
        |page, _| view! { <Graph page/> }.into_any(),
    )
}

fn href(text: &str, product: &str) -> String {
    format!(
        "/reference?q={}&product={}",
        query_value(text),
        query_value(product)
    )
}

#[component]
fn Graph(page: Reference) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let text = RwSignal::new(page.text.clone());
    let go = move || {
        navigate(&href(&text.get_untracked(), ""), NavigateOptions::default());
    };
    let has_graph = page
        .sources
        .iter()
        .any(|source| source.kind == SourceKind::Product);
    let is_empty = page.sources.is_empty();
    let may_load = page.may_load;
    view! {
        <PageTitle text=words.nav_reference_long()/>
        <main class="page" id="main">
            <div class="page-head"><h1>{words.nav_reference_long()}</h1><p class="sub">{words.reference_sub()}</p></div>
            {upload_problem().map(|problem| view! { <ProblemNotice problem/> })}
            {has_graph.then(|| view! {
                <form class="toolbar reference-search" action="/reference" role="search" on:submit=move |event| { event.prevent_default(); go(); }>
                    <label class="search">
                        <Icon name="i-search"/>
                        <span class="vh">{words.find_product()}</span>
                        <input type="search" name="q" placeholder=words.find_product() prop:value=move || text.get()
                            on:input=move |event| text.set(event_target_value(&event))/>
                    </label>
                    <button type="submit" class="btn">{words.search()}</button>
                </form>
                <Around text=page.text hits=page.hits products=page.products more=page.more may_load/>
            })}
            <section class="panel">
                <header><h2>{words.reference_sources()}</h2>
                    {(!page.is_matched).then(|| view! { <span class="sub text-warn" role="status">{words.matching_follows()}</span> })}
                </header>
                {if is_empty {
                    view! { <div class="empty"><Icon name="i-chain"/><b>{words.no_reference()}</b><p>{words.no_reference_hint()}</p></div> }.into_any()
                } else {
                    page.sources.into_iter().map(|source| view! { <Source source/> }).collect_view().into_any()
                }}
                {may_load.then(|| view! {
                    <form class="body inline-form" method="post" enctype="multipart/form-data" action="/reference">
                        <div class="field">
                            <label for="reference-file">{words.reference_file()}</label>
                            <input class="input" id="reference-file" type="file" name="file" required accept=".csv,.txt"/>
                        </div>
                        <button type="submit" class="btn">{words.load_reference()}</button>
                        <p class="muted small">{words.reference_file_hint()}</p>
                    </form>
                })}
            </section>
        </main>
    }
}

/// Hits at the left, the product and what lies around it at the right.
#[component]
fn Around(
    text: String,
    hits: Vec<ProductHit>,
    products: Vec<ReferenceProduct>,
    more: u32,
    may_load: bool,
) -> impl IntoView {
    let words = use_words();
    let Some(centre) = products.first().map(|product| product.name.clone()) else {
        let message = if text.is_empty() {
            words.type_a_product().to_owned()
        } else {
            words.product_unknown(&text)
        };
        return view! { <section class="panel"><p class="body muted">{message}</p></section> }
            .into_any();
    };
    let list = hits
        .into_iter()
        .map(|hit| {
            let here = hit.name == centre;
            view! {
                <li><a href=href(&text, &hit.name) aria-current=here.then_some("true")>{hit.name.clone()}</a>
                    <span class="muted small">{words.hit_relations(hit.inputs, hit.users)}</span></li>
            }
        })
        .collect_view();
    let column = |side: Side, title: &'static str| {
        let of_side: Vec<ReferenceProduct> = products
            .iter()
            .filter(|product| product.side == side)
            .cloned()
            .collect();
        let is_empty = of_side.is_empty();
        let rows = of_side
            .into_iter()
            .map(|product| {
                view! {
                    <tr>
                        <td><a href=href(&text, &product.name)>{product.name.clone()}</a></td>
                        <td class="num muted">{product.distance}</td>
                        <td class="num">{format::count(product.companies)}</td>
                        <td class="num">{format::count(product.local_companies)}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <section class="panel">
                <header><h2>{title}</h2></header>
                {if is_empty {
                    view! { <p class="body muted small">{words.nothing_known()}</p> }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=title>
                            <table class="table"><thead><tr>
                                <th>{words.one_product()}</th><th class="num">{words.hops()}</th>
                                <th class="num">{words.companies_behind()}</th><th class="num">{words.of_them_local()}</th>
                            </tr></thead><tbody>{rows}</tbody></table>
                        </div>
                    }.into_any()
                }}
            </section>
        }
    };
    let own = products.first().cloned();
    view! {
        <div class="reference">
            <nav class="panel" aria-label=words.hits()><header><h2>{words.hits()}</h2></header><ul class="body row-list">{list}</ul></nav>
            <div class="stack">
                <section class="panel">
                    <header><h2>{centre.clone()}</h2>
                        <span class="sub">{own.map(|own| words.made_by(format::count(own.companies), format::count(own.local_companies)))}</span>
                        {may_load.then(|| view! { <span class="end"><a class="btn small" href=format!("/chains/new?node={}", query_value(&centre))>{words.chain_from_product()}</a></span> })}
                    </header>
                    {(more > 0).then(|| view! { <p class="body muted small">{words.more_around(more)}</p> })}
                </section>
                <div class="reference-columns">
                    {column(Side::Upstream, words.goes_into_it())}
                    {column(Side::Downstream, words.made_of_it())}
                    {column(Side::Related, words.kinds_of_it())}
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn relation_word(words: Locale, kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Flow => words.relation_flow(),
        RelationKind::Subclass => words.relation_subclass(),
        RelationKind::Industry => words.relation_industry(),
    }
}

fn reason_word(words: Locale, reason: LeftOutReason) -> &'static str {
    match reason {
        LeftOutReason::EmptyRow => words.left_empty(),
        LeftOutReason::Malformed => words.left_malformed(),
        LeftOutReason::UnknownRelation => words.left_unknown_relation(),
        LeftOutReason::InvalidCount => words.left_invalid_count(),
        LeftOutReason::Name(problem) => match problem {
            NameProblem::Empty => words.left_name_empty(),
            NameProblem::TooLong => words.left_name_long(),
            _ => words.left_name(),
        },
        LeftOutReason::SelfLoop => words.left_self_loop(),
        LeftOutReason::Duplicate => words.left_duplicate(),
        LeftOutReason::TwoNodeCycle => words.left_two_cycle(),
    }
}

#[component]
fn Source(source: ReferenceSource) -> impl IntoView {
    let words = use_words();
    let title = match source.kind {
        SourceKind::Product => words.source_products(),
        SourceKind::Industry => words.source_industries(),
    };
    let report = source.report;
    let relations = report
        .relations
        .iter()
        .map(|(kind, count)| format!("{} {}", relation_word(words, *kind), format::count(*count)))
        .collect::<Vec<_>>()
        .join(words.list_comma());
    let facts = words.source_facts(
        format::count(report.rows),
        format::count(report.kept),
        format::count(report.names),
        relations,
    );
    let left: u32 = report.left_out.iter().map(|one| one.count).sum();
    let rows = report
        .left_out
        .into_iter()
        .map(|one| view! { <Left one/> })
        .collect_view();
    view! {
        <div class="body">
            <p><b>{title}</b>" "<span class="muted">{words.source_of(source.file_name, source.by, format::moment(source.loaded_at))}</span></p>
            <p class="small">{facts}</p>
            {(left > 0).then(|| view! {
                <details>
                    <summary>{words.rows_left_out(format::count(left))}</summary>
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.rows_left_out(format::count(left))>
                        <table class="table"><thead><tr>
                            <th>{words.reason()}</th><th class="num">{words.rows()}<span class="unit">{words.unit_rows()}</span></th><th>{words.left_examples()}</th>
                        </tr></thead><tbody>{rows}</tbody></table>
                    </div>
                </details>
            })}
        </div>
    }
}

#[component]
fn Left(one: LeftOut) -> impl IntoView {
    let words = use_words();
    let examples = one
        .examples
        .into_iter()
        .take(3)
        .map(|row| words.left_example(row.row, row.from, row.to))
        .collect::<Vec<_>>()
        .join(words.list_semicolon());
    view! {
        <tr><td class="nowrap">{reason_word(words, one.reason)}</td><td class="num">{format::count(one.count)}</td><td class="small">{examples}</td></tr>
    }
}

/// A chain begun with one node, or taken in from a file.
#[component]
pub fn NewChainPage() -> impl IntoView {
    let words = use_words();
    let actor = use_actor();
    view! {
        <PageTitle text=words.new_chain()/>
        <main class="page" id="main">
            <div class="page-head"><h1>{words.new_chain()}</h1><p class="sub">{words.new_chain_sub()}</p></div>
            {upload_problem().map(|problem| view! { <ProblemNotice problem/> })}
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may = actor.await.ok().flatten()
                        .is_some_and(|actor| actor.may(domain::account::Action::EditChain));
                    if may {
                        view! { <Begin/> }.into_any()
                    } else {
                        view! { <ProblemNotice problem=domain::problem::Problem::Forbidden/> }.into_any()
                    }
                })}
            </Transition>
        </main>
    }
}

#[component]
fn Begin() -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let asked = use_query_map().with_untracked(|query| query.get("node").unwrap_or_default());
    let code = RwSignal::new(String::new());
    let name = RwSignal::new(asked.clone());
    let node = RwSignal::new(asked);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<domain::problem::Problem>);
    let send = move || {
        let new = NewChain {
            code: code.get_untracked(),
            name: name.get_untracked(),
            node: node.get_untracked(),
        };
        let navigate = navigate.clone();
        submit(pending, new_chain(new), move |outcome| match outcome {
            Ok(id) => navigate(&format!("/chains/{id}/edit"), NavigateOptions::default()),
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    };
    let error = move |field: &'static str| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), field))
    };
    view! {
        <section class="panel">
            <header><h2>{words.begin_chain()}</h2><span class="sub">{words.begin_chain_sub()}</span></header>
            <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                <Refusal problem/>
                <TextField id="chain-name" label=words.chain_field("name") value=name error=error("name")/>
                <TextField id="chain-code" label=words.chain_field("code") value=code error=error("code")/>
                <TextField id="chain-node" label=words.first_node() value=node error=error("node")/>
                <button type="submit" class="btn primary" disabled=move || pending.get()>{words.begin_chain()}</button>
            </form>
        </section>
        <section class="panel">
            <header><h2>{words.import_chain_file()}</h2><span class="sub">{words.import_chain_file_sub()}</span></header>
            <form class="body inline-form" method="post" enctype="multipart/form-data" action="/chains">
                <div class="field">
                    <label for="chain-file">{words.file()}</label>
                    <input class="input" id="chain-file" type="file" name="file" required accept=".xlsx,.csv,.json"/>
                </div>
                <button type="submit" class="btn">{words.upload()}</button>
            </form>
        </section>
    }
}
