//! Leads chosen in the list, what is done to all of them, and what became of each.

use std::collections::BTreeMap;

use domain::{
    lead::{
        BULK_LIMIT, BulkAct, BulkChange, BulkEnd, BulkOutcome, BulkRow, LeadQuery, SeenLead,
        SideState, Stage,
    },
    problem::Problem,
};
use leptos::{html, prelude::*};

use super::{bulk_change, lead_choices, seen_leads, undo_bulk_change};
use crate::{
    component::{
        FormDialog, Icon, ProblemNotice, Refusal, TextField, field_error, load_part, submit,
        use_toasts,
    },
    error::AppError,
    format,
    words::{Locale, problem_sentence, use_words},
};

/// The chosen leads with the versions that the person saw.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    leads: RwSignal<BTreeMap<i64, i64>>,
    /// The row that was clicked last, from which Shift reaches.
    last: StoredValue<Option<usize>>,
}

impl Chosen {
    pub(super) fn new() -> Self {
        Self {
            leads: RwSignal::new(BTreeMap::new()),
            last: StoredValue::new(None),
        }
    }

    pub(super) fn count(self) -> usize {
        self.leads.with(BTreeMap::len)
    }

    pub(super) fn has(self, lead_id: i64) -> bool {
        self.leads.with(|leads| leads.contains_key(&lead_id))
    }

    /// Whether all these rows are chosen.
    pub(super) fn has_all(self, rows: &[SeenLead]) -> bool {
        rows.iter().all(|row| self.has(row.lead_id))
    }

    pub(super) fn set(self, rows: &[SeenLead], is_chosen: bool) {
        self.leads.update(|leads| {
            for row in rows {
                if is_chosen {
                    leads.insert(row.lead_id, row.version);
                } else {
                    leads.remove(&row.lead_id);
                }
            }
        });
    }

    /// A click on the row `index` of a page; with Shift, on all from the one clicked before.
    pub(super) fn click(self, rows: &[SeenLead], index: usize, is_range: bool, is_chosen: bool) {
        let from = self.last.get_value().filter(|_| is_range).unwrap_or(index);
        let range = Ord::min(from, index)..=Ord::max(from, index);
        if let Some(rows) = rows.get(range) {
            self.set(rows, is_chosen);
        }
        self.last.set_value(Some(index));
    }

    /// Another page is shown: what is chosen on it counts as seen as it stands there now.
    pub(super) fn turn_to(self, rows: &[SeenLead]) {
        self.last.set_value(None);
        let is_newer = |leads: &BTreeMap<i64, i64>, row: &SeenLead| {
            leads
                .get(&row.lead_id)
                .is_some_and(|version| *version != row.version)
        };
        let newer: Vec<SeenLead> = self.leads.with_untracked(|leads| {
            rows.iter()
                .filter(|row| is_newer(leads, row))
                .copied()
                .collect()
        });
        if !newer.is_empty() {
            self.set(&newer, true);
        }
    }

    fn seen(self) -> Vec<SeenLead> {
        self.leads.with_untracked(|leads| {
            leads
                .iter()
                .map(|(lead_id, version)| SeenLead {
                    lead_id: *lead_id,
                    version: *version,
                })
                .collect()
        })
    }

    pub(super) fn clear(self) {
        self.leads.update(BTreeMap::clear);
        self.last.set_value(None);
    }
}

/// How many are chosen, and what can be done with them.
#[component]
pub(super) fn BulkBar(
    chosen: Chosen,
    query: LeadQuery,
    total: u64,
    edit: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let choose_all = move || {
        submit(
            pending,
            seen_leads(query.clone()),
            move |outcome| match outcome.and_then(|leads| leads.read()) {
                Ok(leads) => chosen.set(&leads, true),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    let choose_all = StoredValue::new(choose_all);
    let rest = move || {
        if chosen.count() as u64 >= total {
            None
        } else if total > BULK_LIMIT as u64 {
            Some(
                view! { <span class="muted">{words.too_many_to_choose(format::count(total), BULK_LIMIT)}</span> }
                    .into_any(),
            )
        } else {
            Some(
                view! {
                    <button type="button" class="btn small" disabled=move || pending.get()
                        on:click=move |_| choose_all.with_value(|choose| choose())>{words.choose_all(format::count(total))}</button>
                }
                .into_any(),
            )
        }
    };
    view! {
        <div class="bulk" role="group" aria-label=words.bulk_edit() hidden=move || chosen.count() == 0>
            <b role="status">{move || words.chosen_count(chosen.count())}</b>
            {rest}
            <span class="end">
                <button type="button" class="btn small" on:click=move |_| edit.run(())>{words.bulk_edit()}</button>
                <button type="button" class="btn small quiet" on:click=move |_| chosen.clear()>{words.choose_none()}</button>
            </span>
        </div>
    }
}

/// What is asked for in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Owner,
    Node,
    SideState,
    Stage,
}

impl What {
    const ALL: [Self; 4] = [Self::Owner, Self::Node, Self::SideState, Self::Stage];

    const fn key(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Node => "node",
            Self::SideState => "side_state",
            Self::Stage => "stage",
        }
    }

    const fn word(self, words: Locale) -> &'static str {
        match self {
            Self::Owner => words.owner(),
            Self::Node => words.node(),
            Self::SideState => words.side_state_word(),
            Self::Stage => words.bulk_stage(),
        }
    }
}

/// The same change of all chosen leads.
#[component]
pub(super) fn BulkForm(
    chosen: Chosen,
    close: Callback<()>,
    done: Callback<BulkOutcome>,
) -> impl IntoView {
    let words = use_words();
    let what = RwSignal::new(What::Owner);
    let owner = RwSignal::new(None::<i64>);
    let node = RwSignal::new(None::<i64>);
    let state = RwSignal::new(Some(SideState::Paused));
    let stage = RwSignal::new(Stage::Lead);
    let reason = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let leads = chosen.seen();
    let count = leads.len();
    let first = leads.first().map_or(0, |seen| seen.lead_id);
    let send = Callback::new(move |()| {
        let reason = reason.get_untracked();
        let act = match what.get_untracked() {
            What::Owner => match owner.get_untracked() {
                Some(owner_id) => BulkAct::Owner { owner_id },
                None => return,
            },
            What::Node => BulkAct::Node {
                chain_node_id: node.get_untracked(),
            },
            What::SideState => BulkAct::SideState {
                to: state.get_untracked(),
                reason,
            },
            What::Stage => BulkAct::Stage {
                to: stage.get_untracked(),
                reason,
            },
        };
        let change = BulkChange {
            leads: leads.clone(),
            act,
        };
        submit(pending, bulk_change(change), move |outcome| {
            match outcome.and_then(|outcome| outcome.read()) {
                Ok(outcome) => {
                    close.run(());
                    done.run(outcome);
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            }
        });
    });
    let reason_error = Signal::derive(move || field_error(words, problem.get().as_ref(), "reason"));
    // Asked for once; which of the two choices is shown depends on what is changed.
    let choices = load_part(
        move || first,
        lead_choices,
        move |choices, _| {
            let (nodes, owners) = (
                StoredValue::new(choices.nodes),
                StoredValue::new(choices.owners),
            );
            view! {
                {move || (what.get() == What::Owner).then(|| view! {
                    <div class="field">
                        <label for="bulk-owner">{words.owner()}</label>
                        <select class="input" id="bulk-owner" on:change=move |event| owner.set(event_target_value(&event).parse().ok())>
                            <option value="">{words.please_choose()}</option>
                            {owners.get_value().into_iter().map(|(id, name)| view! {
                                <option value=id.to_string() selected=owner.get_untracked() == Some(id)>{name}</option>
                            }).collect_view()}
                        </select>
                        <span class="hint">{words.bulk_owner_note()}</span>
                    </div>
                })}
                {move || (what.get() == What::Node).then(|| view! {
                    <div class="field">
                        <label for="bulk-node">{words.node()}</label>
                        <select class="input" id="bulk-node" on:change=move |event| node.set(event_target_value(&event).parse().ok())>
                            <option value="">{words.no_node()}</option>
                            {nodes.get_value().into_iter().map(|(id, chain, name)| view! {
                                <option value=id.to_string() selected=node.get_untracked() == Some(id)>{format!("{chain} · {name}")}</option>
                            }).collect_view()}
                        </select>
                    </div>
                })}
            }
            .into_any()
        },
        || view! { <p class="muted small" role="status">"…"</p> }.into_any(),
        |error| view! { <ProblemNotice problem=error.0/> }.into_any(),
    );
    let is_blocked =
        Signal::derive(move || pending.get() || what.get() == What::Owner && owner.get().is_none());
    view! {
        <FormDialog title=words.bulk_edit() send_word=words.save() close send is_blocked>
            <Refusal problem/>
            <p class="muted small">{words.chosen_count(count)}</p>
            <div class="field">
                <label for="bulk-what">{words.bulk_what()}</label>
                <select class="input" id="bulk-what" on:change=move |event| {
                    let key = event_target_value(&event);
                    if let Some(chosen) = What::ALL.into_iter().find(|what| what.key() == key) {
                        what.set(chosen);
                    }
                }>
                    {What::ALL.into_iter().map(|what| view! { <option value=what.key()>{what.word(words)}</option> }).collect_view()}
                </select>
            </div>
            {choices}
            {move || (what.get() == What::SideState).then(|| view! {
                <div class="field">
                    <label for="bulk-state">{words.side_state_word()}</label>
                    <select class="input" id="bulk-state" on:change=move |event| state.set(SideState::from_key(&event_target_value(&event)))>
                        {SideState::SET.into_iter().map(Some).chain(std::iter::once(None)).map(|one| view! {
                            <option value=one.map_or("", SideState::key) selected=state.get_untracked() == one>
                                {one.map_or_else(|| words.on_the_track(), |one| words.side_state(one))}
                            </option>
                        }).collect_view()}
                    </select>
                    <span class="hint">{words.side_state_hint()}</span>
                </div>
            })}
            {move || (what.get() == What::Stage).then(|| view! {
                <div class="field">
                    <label for="bulk-stage">{words.bulk_stage()}</label>
                    <select class="input" id="bulk-stage" on:change=move |event| {
                        if let Some(to) = Stage::from_key(&event_target_value(&event)) { stage.set(to); }
                    }>
                        {Stage::ALL.into_iter().take(Stage::ALL.len() - 1).map(|one| view! {
                            <option value=one.key() selected=stage.get_untracked() == one>{words.stage(one)}</option>
                        }).collect_view()}
                    </select>
                    <span class="hint">{words.bulk_stage_note()}</span>
                </div>
            })}
            {move || matches!(what.get(), What::SideState | What::Stage).then(|| view! {
                <TextField id="bulk-reason" label=words.reason() value=reason error=reason_error/>
            })}
        </FormDialog>
    }
}

/// What became of the leads: the refused ones first, each with its reason.
#[component]
pub(super) fn BulkResult(
    outcome: BulkOutcome,
    /// Whether it is a change taken back.
    is_undo: bool,
    close: Callback<()>,
    done: Callback<BulkOutcome>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let panel: NodeRef<html::Section> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(panel) = panel.get() {
            let _ = panel.focus();
        }
    });
    let pending = RwSignal::new(false);
    let (finished, same, refused) = outcome.counts();
    let undo = outcome.id.filter(|_| finished > 0 && !is_undo);
    let take_back = move |id: i64| {
        submit(pending, undo_bulk_change(id), move |outcome| match outcome
            .and_then(|outcome| outcome.read())
        {
            Ok(outcome) => done.run(outcome),
            Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
        });
    };
    let link = move |row: &BulkRow| match row.enterprise_name.clone() {
        Some(name) => view! { <a href=format!("/leads/{}", row.lead_id)>{name}</a> }.into_any(),
        None => view! { <span>{words.lead_by_number(row.lead_id)}</span> }.into_any(),
    };
    let refusals = outcome
        .rows
        .iter()
        .filter_map(|row| match &row.end {
            BulkEnd::Refused { problem } => Some(view! {
                <li>{link(row)}<span class="why">{problem_sentence(words, problem)}</span></li>
            }),
            _ => None,
        })
        .collect_view();
    let rest = outcome
        .rows
        .iter()
        .filter(|row| matches!(row.end, BulkEnd::Done { .. }))
        .map(|row| view! { <li>{link(row)}</li> })
        .collect_view();
    let title = if is_undo {
        words.bulk_undo_result()
    } else {
        words.bulk_result()
    };
    view! {
        <section class="panel bulk-result" aria-label=title tabindex="-1" node_ref=panel>
            <header>
                <h2>{title}</h2>
                <span class="sub" role="status">{words.bulk_counts(finished, same, refused)}</span>
                <span class="end">
                    {undo.map(|id| view! {
                        <button type="button" class="btn small" disabled=move || pending.get()
                            on:click=move |_| take_back(id)>{words.undo()}</button>
                    })}
                    <button type="button" class="btn quiet small icon" aria-label=words.close() on:click=move |_| close.run(())><Icon name="i-x"/></button>
                </span>
            </header>
            {(refused > 0).then(|| view! { <h3>{words.bulk_refused()}</h3><ul>{refusals}</ul> })}
            {(finished > 0).then(|| view! {
                <details><summary>{words.bulk_done()}</summary><ul>{rest}</ul></details>
            })}
        </section>
    }
}
