//! The editor of a chain: its nodes and edges in tables, what the draft changes, what was found, publish.

use domain::chain::{
    ChainChange, ChainEdge, ChainEdit, ChainFile, ChainNode, ChangeKind, DraftView, Finding,
    FindingKind, Severity, Stream,
};
use leptos::{html, prelude::*};

use super::{chain_draft, discard_draft, edit_chain, publish_draft, undo_chain_edit};
use crate::{
    component::{Icon, PageTitle, load_by_id, submit, use_toasts},
    error::AppError,
    format,
    words::{chain_kind_sentence, place_name, problem_sentence, use_words},
};

/// The draft of one chain.
#[component]
pub fn ChainEditPage() -> impl IntoView {
    load_by_id(chain_draft, |draft, again| {
        view! { <Editor draft again/> }.into_any()
    })
}

/// What the form of a node begins with: one that is there, or none.
type Open = RwSignal<Option<Option<ChainNode>>>;

#[component]
fn Editor(draft: DraftView, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let chain_id = draft.chain_id;
    let may = draft.may_edit;
    let open: Open = RwSignal::new(None);
    let settle = move |outcome: Result<(), AppError>, done: &'static str| match outcome {
        Ok(()) => {
            toasts.done(done.to_owned());
            again.run(());
        }
        Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
    };
    let edit = Callback::new(move |edit: ChainEdit| {
        submit(pending, edit_chain(chain_id, edit), move |outcome| {
            settle(outcome, words.draft_saved());
        });
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
            <Findings findings=draft.findings/>
            {has_draft.then(|| view! { <Changes changes=draft.changes/> })}
            <Nodes file=file.clone() may edit open pending/>
            <Edges file codes may edit pending/>
            {move || open.get().map(|node| view! { <NodeForm node open edit/> })}
        </main>
    }
}

#[component]
fn Findings(findings: Vec<Finding>) -> impl IntoView {
    let words = use_words();
    let is_empty = findings.is_empty();
    let rows = findings
        .into_iter()
        .map(|finding| {
            let text = match finding.kind {
                FindingKind::File(kind) => chain_kind_sentence(words, &kind),
                FindingKind::SharedTerm { term, nodes } => {
                    words.finding_shared(term, nodes.join("、"))
                }
                FindingKind::NoTerm { characters } => words.finding_no_term(characters),
                FindingKind::StageOrder { from, to } => {
                    words.finding_stage_order(words.stream(from), words.stream(to))
                }
            };
            let severity = match finding.severity {
                Severity::Error => {
                    view! { <span class="text-danger">{words.finding_error()}</span> }.into_any()
                }
                Severity::Warning => {
                    view! { <span class="text-warn">{words.finding_warning()}</span> }.into_any()
                }
            };
            view! {
                <tr>
                    <td class="nowrap">{severity}</td>
                    <td class="num">{finding.row}</td>
                    <td>{place_name(words, &finding.place)}</td>
                    <td>{text}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.findings()}</h2><span class="sub">{words.findings_sub()}</span></header>
            {if is_empty {
                view! { <p class="body muted">{words.no_finding()}</p> }.into_any()
            } else {
                view! {
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.findings()>
                        <table class="table"><thead><tr>
                            <th>{words.finding_level()}</th><th class="num">{words.row()}</th><th>{words.finding_place()}</th><th>{words.finding_what()}</th>
                        </tr></thead><tbody>{rows}</tbody></table>
                    </div>
                }.into_any()
            }}
        </section>
    }
}

#[component]
fn Changes(changes: Vec<ChainChange>) -> impl IntoView {
    let words = use_words();
    let is_empty = changes.is_empty();
    let rows = changes
        .into_iter()
        .map(|change| {
            let kind = match change.kind {
                ChangeKind::Added => words.change_added(),
                ChangeKind::Removed => words.change_removed(),
                ChangeKind::Changed => words.change_changed(),
            };
            let fields = change
                .fields
                .into_iter()
                .map(|field| {
                    let empty = || "—".to_owned();
                    view! {
                        <li>
                            <span class="muted">{words.chain_field(field.field.key())}"："</span>
                            {field.before.unwrap_or_else(empty)}<span class="muted">" → "</span><b>{field.after.unwrap_or_else(empty)}</b>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <tr><td class="nowrap">{kind}</td><td>{place_name(words, &change.place)}</td><td><ul class="small">{fields}</ul></td></tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.draft_changes()}</h2><span class="sub">{words.draft_changes_sub()}</span></header>
            {if is_empty {
                view! { <p class="body muted">{words.draft_same()}</p> }.into_any()
            } else {
                view! {
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.draft_changes()>
                        <table class="table"><tbody>{rows}</tbody></table>
                    </div>
                }.into_any()
            }}
        </section>
    }
}

#[component]
fn Nodes(
    file: ChainFile,
    may: bool,
    edit: Callback<ChainEdit>,
    open: Open,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let edges = file.edges.clone();
    let count = file.nodes.len();
    let rows = file
        .nodes
        .into_iter()
        .map(|node| {
            let seen = node.clone();
            let gone = node.clone();
            // What the person sees at the node goes with it; an edge that somebody adds meanwhile does not.
            let at: Vec<ChainEdge> = edges
                .iter()
                .filter(|edge| edge.from == node.code || edge.to == node.code)
                .cloned()
                .collect();
            view! {
                <tr>
                    <td><code>{node.code}</code></td>
                    <td><b>{node.name}</b></td>
                    <td class="nowrap">{words.stream(node.stage)}</td>
                    <td>{node.aliases.join("、")}</td>
                    <td>{node.keywords.join("、")}</td>
                    <td class="num">{node.priority.map_or_else(|| "—".to_owned(), |value| format!("{value:.2}"))}</td>
                    <td>{node.priority_source}</td>
                    {may.then(|| view! {
                        <td class="nowrap"><span class="btns">
                            <button type="button" class="btn small" on:click=move |_| open.set(Some(Some(seen.clone())))>{words.change_it()}</button>
                            <button type="button" class="btn small" disabled=move || pending.get()
                                on:click=move |_| edit.run(ChainEdit::RemoveNode { before: gone.clone(), edges: at.clone() })>{words.remove()}</button>
                        </span></td>
                    })}
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.nodes()}</h2><span class="sub">{words.node_count(count)}</span>
                {may.then(|| view! { <span class="end"><button type="button" class="btn small" on:click=move |_| open.set(Some(None))><Icon name="i-plus"/>{words.add_node()}</button></span> })}
            </header>
            <div class="scroll-x" tabindex="0" role="region" aria-label=words.nodes()>
                <table class="table">
                    <thead><tr>
                        <th>{words.chain_field("code")}</th><th>{words.chain_field("name")}</th><th>{words.chain_field("stage")}</th>
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
    edit: Callback<ChainEdit>,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let first = codes
        .first()
        .map(|(code, _)| code.clone())
        .unwrap_or_default();
    let from = RwSignal::new(first.clone());
    let to = RwSignal::new(first);
    let coefficient = RwSignal::new(String::new());
    let name = {
        let codes = codes.clone();
        move |code: &str| {
            codes
                .iter()
                .find(|(known, _)| known == code)
                .map_or_else(|| code.to_owned(), |(_, name)| name.clone())
        }
    };
    let count = file.edges.len();
    let rows = file
        .edges
        .into_iter()
        .map(|edge| {
            let gone = edge.clone();
            view! {
                <tr>
                    <td>{name(&edge.from)}</td><td>{name(&edge.to)}</td>
                    <td class="num">{edge.coefficient.map_or_else(|| words.assumed().to_owned(), |value| format!("{value}"))}</td>
                    {may.then(|| view! {
                        <td class="nowrap"><button type="button" class="btn small" disabled=move || pending.get()
                            on:click=move |_| edit.run(ChainEdit::RemoveEdge { before: gone.clone() })>{words.remove()}</button></td>
                    })}
                </tr>
            }
        })
        .collect_view();
    let add = move || {
        let text = coefficient.get_untracked();
        let after = ChainEdge {
            from: from.get_untracked(),
            to: to.get_untracked(),
            // What is no number becomes -1, which the server refuses with the field's name; NaN would not survive JSON.
            coefficient: (!text.trim().is_empty()).then(|| text.trim().parse().unwrap_or(-1.0)),
        };
        edit.run(ChainEdit::PutEdge {
            before: None,
            after,
            at: None,
        });
    };
    let choice = move |signal: RwSignal<String>, codes: Vec<(String, String)>| {
        view! {
            <select class="input" on:change=move |event| signal.set(event_target_value(&event))>
                {codes.into_iter().map(|(code, name)| view! { <option value=code>{name}</option> }).collect_view()}
            </select>
        }
    };
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
            {may.then(|| view! {
                <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
                    <label class="field"><span>{words.chain_field("from")}</span>{choice(from, codes.clone())}</label>
                    <label class="field"><span>{words.chain_field("to")}</span>{choice(to, codes)}</label>
                    <label class="field"><span>{words.chain_field("coefficient")}</span>
                        <input class="input num" inputmode="decimal" prop:value=move || coefficient.get() on:input=move |event| coefficient.set(event_target_value(&event))/>
                    </label>
                    <button type="submit" class="btn" disabled=move || pending.get()>{words.add_edge()}</button>
                </form>
            })}
        </section>
    }
}

/// Words between commas of any kind.
fn list(text: &str) -> Vec<String> {
    text.split(['、', '，', ',', '；', ';', '\n'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[component]
fn NodeForm(node: Option<ChainNode>, open: Open, edit: Callback<ChainEdit>) -> impl IntoView {
    let words = use_words();
    let dialog: NodeRef<html::Dialog> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    let text = |value: Option<String>| RwSignal::new(value.unwrap_or_default());
    let of = |get: fn(&ChainNode) -> String| text(node.as_ref().map(get));
    let code = of(|node| node.code.clone());
    let name = of(|node| node.name.clone());
    let aliases = of(|node| node.aliases.join("、"));
    let keywords = of(|node| node.keywords.join("、"));
    let priority = of(|node| {
        node.priority
            .map(|value| value.to_string())
            .unwrap_or_default()
    });
    let source = of(|node| node.priority_source.clone().unwrap_or_default());
    let stage = RwSignal::new(node.as_ref().map_or(Stream::Midstream, |node| node.stage));
    let before = node.clone();
    let send = move || {
        let number = priority.get_untracked();
        let note = source.get_untracked().trim().to_owned();
        let after = ChainNode {
            code: code.get_untracked().trim().to_owned(),
            name: name.get_untracked().trim().to_owned(),
            stage: stage.get_untracked(),
            aliases: list(&aliases.get_untracked()),
            keywords: list(&keywords.get_untracked()),
            priority: (!number.trim().is_empty()).then(|| number.trim().parse().unwrap_or(-1.0)),
            priority_source: (!note.is_empty()).then_some(note),
        };
        edit.run(ChainEdit::PutNode {
            before: before.clone(),
            after,
            at: None,
        });
        open.set(None);
    };
    let close = move || open.set(None);
    let field = move |key: &'static str, signal: RwSignal<String>| {
        let id = format!("node-{key}");
        view! {
            <div class="field">
                <label for=id.clone()>{words.chain_field(key)}</label>
                <input class="input" id=id prop:value=move || signal.get() on:input=move |event| signal.set(event_target_value(&event))/>
            </div>
        }
    };
    let title = if node.is_some() {
        words.change_node()
    } else {
        words.add_node()
    };
    view! {
        <dialog class="dialog" aria-labelledby="node-title" node_ref=dialog on:close=move |_| close()>
            <form novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                <header>
                    <h2 id="node-title">{title}</h2>
                    <button type="button" class="btn quiet small icon" aria-label=words.close() on:click=move |_| close()><Icon name="i-x"/></button>
                </header>
                <div class="body stack">
                    {field("code", code)}
                    {field("name", name)}
                    <div class="field">
                        <label for="node-stage">{words.chain_field("stage")}</label>
                        <select class="input" id="node-stage" on:change=move |event| {
                            if let Some(chosen) = Stream::parse(&event_target_value(&event)) { stage.set(chosen); }
                        }>
                            {Stream::ALL.into_iter().map(|one| view! {
                                <option value=one.code() selected=one == stage.get_untracked()>{words.stream(one)}</option>
                            }).collect_view()}
                        </select>
                    </div>
                    {field("aliases", aliases)}
                    {field("keywords", keywords)}
                    {field("priority", priority)}
                    {field("priority_source", source)}
                    <p class="muted small">{words.node_form_hint()}</p>
                </div>
                <footer>
                    <button type="button" class="btn" on:click=move |_| close()>{words.cancel()}</button>
                    <button type="submit" class="btn primary">{words.save_to_draft()}</button>
                </footer>
            </form>
        </dialog>
    }
}
