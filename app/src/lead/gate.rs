//! The gate's dialog: it asks for a stage's evidence, and shows what was refused beside each answer.

use std::collections::BTreeMap;

use domain::{
    lead::{EvidenceField, EvidenceKind, LeadCard, Stage, StageChange, StageRule},
    problem::Problem,
};
use leptos::{html, prelude::*, task::spawn_local};
use serde_json::{Map, Value};

use super::{change_stage, last_visit};
use crate::{
    component::{Icon, Refusal, field_error, submit},
    error::AppError,
    format,
    words::use_words,
};

/// A lead on its way to a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    pub card: LeadCard,
    pub to: Stage,
}

/// A lead that has moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    pub lead_id: i64,
    pub to: Stage,
    /// The version it has now.
    pub version: i64,
}

/// The dialog for the passage that is open, if one is.
#[component]
pub fn GateDialog(
    passage: RwSignal<Option<Passage>>,
    #[prop(into)] rules: Signal<Vec<StageRule>>,
    #[prop(into)] done: Callback<Moved>,
) -> impl IntoView {
    view! {
        {move || passage.get().map(|open| view! { <Gate open passage rules done/> })}
    }
}

#[component]
fn Gate(
    open: Passage,
    passage: RwSignal<Option<Passage>>,
    rules: Signal<Vec<StageRule>>,
    done: Callback<Moved>,
) -> impl IntoView {
    let words = use_words();
    let dialog: NodeRef<html::Dialog> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    let Passage { card, to } = open;
    let back = to < card.stage;
    let fields: Vec<EvidenceField> = if back {
        Vec::new()
    } else {
        rules
            .get_untracked()
            .into_iter()
            .find(|rule| rule.stage == to)
            .map(|rule| rule.evidence)
            .unwrap_or_default()
    };
    let answers = RwSignal::new(BTreeMap::<String, String>::new());
    let reason = RwSignal::new(String::new());
    let (lead_id, version) = (card.id, card.version);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = move || {
        let evidence: Map<String, Value> = answers.with_untracked(|answers| {
            answers
                .iter()
                .filter(|(_, answer)| !answer.trim().is_empty())
                .map(|(key, answer)| (key.clone(), Value::String(answer.trim().to_owned())))
                .collect()
        });
        let change = StageChange {
            lead_id,
            version,
            to,
            evidence,
            reason: reason.get_untracked(),
        };
        submit(
            pending,
            change_stage(change),
            move |outcome| match outcome {
                Ok(version) => {
                    passage.set(None);
                    done.run(Moved {
                        lead_id,
                        to,
                        version,
                    });
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    };
    let problem = Signal::from(problem);
    // What was written down on a trip is not written twice.
    let from_visit = RwSignal::new(None::<String>);
    if !fields.is_empty() {
        let asked = fields.clone();
        Effect::new(move |_| {
            let asked = asked.clone();
            spawn_local(async move {
                let Ok(Some(visit)) = last_visit(lead_id).await else {
                    return;
                };
                let known = visit.evidence(&asked, words.visit_outcome(visit.outcome));
                if known.is_empty() {
                    return;
                }
                let _ = answers.try_update(|answers| {
                    for (key, answer) in known {
                        let own = answers.entry(key).or_default();
                        if own.is_empty() {
                            *own = answer;
                        }
                    }
                });
                let _ = from_visit.try_set(Some(format::short_day(visit.visited_on)));
            });
        });
    }
    let title = if back {
        words.back_to_stage(words.stage(to))
    } else {
        words.forward_to_stage(words.stage(to))
    };
    let close = move || passage.set(None);
    let inputs = fields
        .into_iter()
        .map(|field| view! { <Answer field answers problem/> })
        .collect_view();
    view! {
        <dialog class="dialog" aria-labelledby="gate-title" node_ref=dialog on:close=move |_| close()>
            <form
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    send();
                }
            >
                <header>
                    <h2 id="gate-title">{title.clone()}</h2>
                    <button type="button" class="btn quiet small icon" aria-label=words.close() on:click=move |_| close()>
                        <Icon name="i-x"/>
                    </button>
                </header>
                <div class="body">
                    <p>{words.gate_sentence(card.enterprise_name.clone(), words.stage(card.stage), words.stage(to))}</p>
                    {move || from_visit.get().map(|day| view! { <p class="muted small" role="status">{words.taken_from_visit(day)}</p> })}
                    <Refusal problem/>
                    <div class="fields">
                        {inputs}
                        {back.then(|| view! {
                            <div class="field whole">
                                <label for="gate-reason">{words.reason()} " " <span class="req" aria-hidden="true">"*"</span></label>
                                <textarea class="textarea" id="gate-reason" rows="3"
                                    on:input=move |event| reason.set(event_target_value(&event))></textarea>
                                {move || field_error(words, problem.get().as_ref(), "reason").map(|text| view! {
                                    <span class="error"><Icon name="i-warn"/>{text}</span>
                                })}
                            </div>
                        })}
                    </div>
                </div>
                <footer>
                    <span class="note muted small">{words.gate_note()}</span>
                    <button type="button" class="btn" on:click=move |_| close()>{words.cancel()}</button>
                    <button type="submit" class="btn primary" disabled=move || pending.get()>{title}</button>
                </footer>
            </form>
        </dialog>
    }
}

#[component]
fn Answer(
    field: EvidenceField,
    answers: RwSignal<BTreeMap<String, String>>,
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let words = use_words();
    let id = format!("gate-{}", field.key);
    let error_id = format!("{id}-error");
    let key = field.key.clone();
    let error = {
        let key = key.clone();
        Memo::new(move |_| field_error(words, problem.get().as_ref(), &key))
    };
    let set = {
        let key = key.clone();
        move |value: String| {
            answers.update(|answers| {
                answers.insert(key.clone(), value);
            });
        }
    };
    let value = {
        let key = key.clone();
        Memo::new(move |_| answers.with(|answers| answers.get(&key).cloned().unwrap_or_default()))
    };
    let invalid = move || error.get().is_some().then_some("true");
    let label = words.evidence_of(&field);
    let wide = field.kind == EvidenceKind::Text;
    let input = match field.kind {
        EvidenceKind::Text => view! {
            <textarea class="textarea" id=id.clone() rows="2" aria-invalid=invalid aria-describedby=error_id.clone() prop:value=value
                on:input=move |event| set(event_target_value(&event))></textarea>
        }
        .into_any(),
        EvidenceKind::Choice => view! {
            <select class="select" id=id.clone() aria-invalid=invalid aria-describedby=error_id.clone() prop:value=value
                on:change=move |event| set(event_target_value(&event))>
                <option value="">{words.please_choose()}</option>
                {field.choices.iter().map(|choice| view! {
                    <option value=choice.clone()>{words.evidence_choice(choice)}</option>
                }).collect_view()}
            </select>
        }
        .into_any(),
        EvidenceKind::Date => view! {
            <input class="input" type="date" id=id.clone() aria-invalid=invalid aria-describedby=error_id.clone() prop:value=value
                on:input=move |event| set(event_target_value(&event))/>
        }
        .into_any(),
        EvidenceKind::MoneyWan | EvidenceKind::Number => {
            let unit = if field.kind == EvidenceKind::MoneyWan {
                words.unit_wan()
            } else {
                words.evidence_unit(&field.key)
            };
            view! {
                <span class="input-unit">
                    <input class="input num" inputmode="decimal" id=id.clone() aria-invalid=invalid
                        aria-describedby=error_id.clone() prop:value=value
                        on:input=move |event| set(event_target_value(&event))/>
                    <span class="unit">{unit}</span>
                </span>
            }
            .into_any()
        }
        EvidenceKind::CreditCode => view! {
            <input class="input" id=id.clone() maxlength="18" aria-invalid=invalid aria-describedby=error_id.clone() prop:value=value
                on:input=move |event| set(event_target_value(&event))/>
        }
        .into_any(),
    };
    view! {
        <div class=if wide { "field whole" } else { "field" }>
            <label for=id>
                {label}
                {field.required.then(|| view! { " " <span class="req" aria-hidden="true">"*"</span> })}
            </label>
            {input}
            <span id=error_id>
                {move || error.get().map(|text| view! { <span class="error"><Icon name="i-warn"/>{text}</span> })}
            </span>
        </div>
    }
}
