//! What a draft changes, and what is wrong with it.

use domain::chain::{ChainChange, ChangeKind, Finding, FindingKind, Severity};
use leptos::prelude::*;

use crate::words::{chain_kind_sentence, place_name, use_words};

#[component]
pub(super) fn Findings(findings: Vec<Finding>) -> impl IntoView {
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
pub(super) fn Changes(changes: Vec<ChainChange>) -> impl IntoView {
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
