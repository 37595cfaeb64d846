//! The editor of a chain: its draft as a map and in tables, what the draft changes, what was found, publish.

use domain::{
    chain::{ChainEdge, ChainEdit, ChainFile, ChainNode, DraftView, Severity},
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    chain_draft, discard_draft, edit_chain,
    edit_check::{Changes, Findings},
    edit_form::{ChainForm, EdgeForm, NewEdge, NodeForm},
    edit_map::DraftMap,
    edit_propose::Proposals,
    publish_draft, undo_chain_edit,
};
use crate::{
    chain::MapState,
    component::{
        Icon, PageTitle, ProblemNotice, TextField, load_by_id, problem_in_address, submit,
        use_toasts,
    },
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// The draft of one chain.
#[component]
pub fn ChainEditPage() -> impl IntoView {
    // What outlives the draft's steps: where one looks, and what one asked for.
    let state = MapState::new(Memo::new(|_| None));
    let asked = RwSignal::new(String::new());
    load_by_id(chain_draft, move |draft, again| {
        view! { <Editor draft again state asked/> }.into_any()
    })
}

/// What the form of a node begins with: one that is there, or none.
pub(super) type Open = RwSignal<Option<Option<ChainNode>>>;
/// The edge whose form is open.
pub(super) type OpenEdge = RwSignal<Option<ChainEdge>>;
/// Makes changes as one step.
pub(super) type Edits = Callback<Vec<ChainEdit>>;

/// The removal of a node by someone who sees this draft: an edge that somebody adds meanwhile does not go with it.
pub(super) fn removal(file: &ChainFile, node: &ChainNode) -> ChainEdit {
    ChainEdit::RemoveNode {
        before: node.clone(),
        edges: file
            .edges
            .iter()
            .filter(|edge| edge.from == node.code || edge.to == node.code)
            .cloned()
            .collect(),
    }
}

/// Rows of a table shown at once in a chain that has more; one finds the others.
const ROWS: usize = 200;

#[component]
fn Editor(
    draft: DraftView,
    again: Callback<()>,
    state: MapState,
    asked: RwSignal<String>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let query = use_query_map();
    let pending = RwSignal::new(false);
    let chain_id = draft.chain_id;
    let may = draft.may_edit;
    let open: Open = RwSignal::new(None);
    let open_edge: OpenEdge = RwSignal::new(None);
    let settle = move |outcome: Result<(), AppError>, done: &'static str| match outcome {
        Ok(()) => {
            toasts.done(done.to_owned());
            again.run(());
        }
        Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
    };
    // A form stays open with what was typed until its change is in.
    let refused = RwSignal::new(None::<Problem>);
    let edits: Edits = Callback::new(move |edits: Vec<ChainEdit>| {
        refused.set(None);
        let is_form =
            open.with_untracked(Option::is_some) || open_edge.with_untracked(Option::is_some);
        submit(
            pending,
            edit_chain(chain_id, edits),
            move |outcome| match outcome {
                Err(AppError(problem)) if is_form => refused.set(Some(problem)),
                outcome => {
                    open.set(None);
                    open_edge.set(None);
                    settle(outcome, words.draft_saved());
                }
            },
        );
    });
    let undo = move |_| {
        submit(pending, undo_chain_edit(chain_id), move |outcome| {
            settle(outcome, words.step_undone());
        });
    };
    let discard = move |_| {
        submit(pending, discard_draft(chain_id), move |outcome| {
            settle(outcome, words.draft_discarded());
        });
    };
    let publish = move |_| {
        submit(pending, publish_draft(chain_id), move |outcome| {
            settle(outcome, words.draft_published());
        });
    };
    let has_draft = draft.version > 0;
    let has_errors = draft
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let sub = match (&draft.by, draft.updated_at) {
        (Some(by), Some(at)) => words.draft_of(by.clone(), format::moment(at), draft.base_version),
        _ => words.published_as(draft.published_version),
    };
    let steps = draft.undo_steps;
    let file = draft.file;
    let codes: Vec<(String, String)> = file
        .nodes
        .iter()
        .map(|node| (node.code.clone(), node.name.clone()))
        .collect();
    let edge_title = {
        let codes = codes.clone();
        move |edge: &ChainEdge| {
            format!(
                "{} → {}",
                name_of(&codes, &edge.from),
                name_of(&codes, &edge.to)
            )
        }
    };
    // An upload that was refused comes back with its reason.
    let problem = query.with_untracked(problem_in_address);
    view! {
        <PageTitle text=words.edit_title(draft.chain_name.clone())/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{words.edit_title(draft.chain_name)}</h1>
                <p class="sub">{sub}</p>
                <div class="end">
                    <a class="btn" href=format!("/chains/{chain_id}")>{words.back_to_map()}</a>
                    {may.then(|| view! {
                        <button type="button" class="btn" disabled=move || pending.get() || steps == 0 on:click=undo>{words.undo_step(steps)}</button>
                        <button type="button" class="btn" disabled=move || pending.get() || !has_draft on:click=discard>{words.discard_draft()}</button>
                        <button type="button" class="btn primary" disabled=move || pending.get() || !has_draft || has_errors on:click=publish>{words.publish_draft()}</button>
                    })}
                </div>
            </div>
            {problem.map(|problem| view! { <ProblemNotice problem/> })}
            <Findings findings=draft.findings/>
            {has_draft.then(|| view! { <Changes changes=draft.changes/> })}
            <DraftMap file=file.clone() may edits open open_edge state/>
            {may.then(|| view! { <Proposals file=file.clone() chain_id edits asked/> })}
            <Nodes file=file.clone() may edits open pending/>
            <Edges file=file.clone() codes may edits open_edge pending/>
            {may.then(|| view! {
                <ChainForm file=file.clone() edits pending/>
                <Upload chain_id mark=draft.mark/>
            })}
            {move || open.get().map(|node| view! { <NodeForm node open edits refused/> })}
            {move || open_edge.get().map(|edge| view! { <EdgeForm title=edge_title(&edge) edge open=open_edge edits refused/> })}
        </main>
    }
}

fn name_of(codes: &[(String, String)], code: &str) -> String {
    codes
        .iter()
        .find(|(known, _)| known == code)
        .map_or_else(|| code.to_owned(), |(_, name)| name.clone())
}

/// A file in the place of the draft: a form of its own, so that it works before any script has loaded.
#[component]
fn Upload(chain_id: i64, mark: String) -> impl IntoView {
    let words = use_words();
    view! {
        <section class="panel">
            <header><h2>{words.upload_draft()}</h2><span class="sub">{words.upload_draft_sub()}</span></header>
            <form class="body inline-form" method="post" enctype="multipart/form-data" action=format!("/chains/{chain_id}/draft")>
                <input type="hidden" name="mark" value=mark/>
                <div class="field">
                    <label for="draft-file">{words.file()}</label>
                    <input class="input" id="draft-file" type="file" name="file" required accept=".xlsx,.csv,.json"/>
                </div>
                <button type="submit" class="btn">{words.upload()}</button>
            </form>
        </section>
    }
}

#[component]
fn Nodes(
    file: ChainFile,
    may: bool,
    edits: Edits,
    open: Open,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let count = file.nodes.len();
    let find = RwSignal::new(String::new());
    let file = StoredValue::new(file);
    let rows = move || {
        file.with_value(|file| {
        let wanted = domain::text::fold(&find.get());
        let is_wanted = |node: &ChainNode| {
            wanted.is_empty()
                || domain::text::fold(&node.name).contains(&wanted)
                || domain::text::fold(&node.code).contains(&wanted)
        };
        let code_at = |index: Option<usize>| {
            index
                .and_then(|index| file.nodes.get(index))
                .map(|node| node.code.clone())
        };
        // Up is behind the one that stands two places before it, down is behind the one after it.
        let moved = |index: usize, up: bool| ChainEdit::MoveNode {
            node: code_at(Some(index)).unwrap_or_default(),
            seen_behind: code_at(index.checked_sub(1)),
            behind: if up {
                code_at(index.checked_sub(2))
            } else {
                code_at(Some(index + 1))
            },
        };
        file
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| is_wanted(node))
        .take(ROWS)
        .map(|(index, node)| {
            let seen = node.clone();
            let gone = removal(file, node);
            let (up, down) = (moved(index, true), moved(index, false));
            let (is_first, is_last) = (index == 0, index + 1 == count);
            let node = node.clone();
            view! {
                <tr>
                    <td><code>{node.code}</code></td>
                    <td><b>{node.name}</b></td>
                    <td class="nowrap">{words.stream(node.stage)}</td>
                    <td class="nowrap">{node.group}</td>
                    <td>{node.aliases.join("、")}</td>
                    <td>{node.keywords.join("、")}</td>
                    <td class="num">{node.priority.map_or_else(|| "—".to_owned(), |value| format!("{value:.2}"))}</td>
                    <td>{node.priority_source}</td>
                    {may.then(|| view! {
                        <td class="nowrap"><span class="btns">
                            <button type="button" class="btn small icon" aria-label=words.move_up() disabled=move || pending.get() || is_first
                                on:click=move |_| edits.run(vec![up.clone()])><Icon name="i-up"/></button>
                            <button type="button" class="btn small icon" aria-label=words.move_down() disabled=move || pending.get() || is_last
                                on:click=move |_| edits.run(vec![down.clone()])><Icon name="i-down"/></button>
                            <button type="button" class="btn small" on:click=move |_| open.set(Some(Some(seen.clone())))>{words.change_it()}</button>
                            <button type="button" class="btn small" disabled=move || pending.get()
                                on:click=move |_| edits.run(vec![gone.clone()])>{words.remove()}</button>
                        </span></td>
                    })}
                </tr>
            }
        })
        .collect_view()
    })
    };
    view! {
        <section class="panel">
            <header><h2>{words.nodes()}</h2><span class="sub">{words.node_count(count)}</span>
                {may.then(|| view! { <span class="end"><button type="button" class="btn small" on:click=move |_| open.set(Some(None))><Icon name="i-plus"/>{words.add_node()}</button></span> })}
            </header>
            {(count > ROWS).then(|| view! {
                <div class="body inline-form"><TextField id="find-row" label=words.find_row() value=find/><p class="muted small">{words.rows_of(ROWS, count)}</p></div>
            })}
            <div class="scroll-x" tabindex="0" role="region" aria-label=words.nodes()>
                <table class="table">
                    <thead><tr>
                        <th>{words.chain_field("code")}</th><th>{words.chain_field("name")}</th><th>{words.chain_field("stage")}</th>
                        <th>{words.chain_field("group")}</th>
                        <th>{words.chain_field("aliases")}</th><th>{words.chain_field("keywords")}</th>
                        <th class="num">{words.chain_field("priority")}</th><th>{words.chain_field("priority_source")}</th>
                        {may.then(|| view! { <th></th> })}
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
fn Edges(
    file: ChainFile,
    codes: Vec<(String, String)>,
    may: bool,
    edits: Edits,
    open_edge: OpenEdge,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let count = file.edges.len();
    let rows = file
        .edges
        .into_iter()
        .take(if count > 3 * ROWS { ROWS } else { count })
        .map(|edge| {
            let (gone, seen) = (edge.clone(), edge.clone());
            view! {
                <tr>
                    <td>{name_of(&codes, &edge.from)}</td><td>{name_of(&codes, &edge.to)}</td>
                    <td class="num">{edge.coefficient.map_or_else(|| words.assumed().to_owned(), |value| format!("{value}"))}</td>
                    {may.then(|| view! {
                        <td class="nowrap"><span class="btns">
                            <button type="button" class="btn small" on:click=move |_| open_edge.set(Some(seen.clone()))>{words.change_it()}</button>
                            <button type="button" class="btn small" disabled=move || pending.get()
                                on:click=move |_| edits.run(vec![ChainEdit::RemoveEdge { before: gone.clone() }])>{words.remove()}</button>
                        </span></td>
                    })}
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.edges()}</h2><span class="sub">{words.edge_count(count)}</span></header>
            <div class="scroll-x" tabindex="0" role="region" aria-label=words.edges()>
                <table class="table">
                    <thead><tr>
                        <th>{words.chain_field("from")}</th><th>{words.chain_field("to")}</th><th class="num">{words.chain_field("coefficient")}</th>
                        {may.then(|| view! { <th></th> })}
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {may.then(|| view! { <NewEdge codes edits pending/> })}
        </section>
    }
}
