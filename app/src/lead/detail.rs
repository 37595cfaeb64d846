//! The lead's page: facts, stage track with evidence, timeline, company.

use domain::{
    audit::{RecordKind, RecordTag, UndoAct},
    lead::{EventKind, LeadDetail, LeadEvent, LimitUnit, NewEvent, Stage},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};

use super::{
    add_event,
    form::{LeadForm, SideStateForm},
    gate::{GateDialog, Moved, Passage},
    lead,
    transfer::{ClaimPanel, TransferForm, can_hand_over},
    work::{Commitments, Contacts, Desk, Files, Gain, Tasks},
};
use crate::{
    audit::{DeleteForm, done_undoable},
    component::{
        GapTag, Icon, PageTitle, ProblemNotice, load_by_id, problem_in_address, submit, use_toasts,
    },
    error::AppError,
    find::keys::{self, Act, Scope, pressed},
    format,
    words::{form_field, problem_sentence, use_words},
};

/// One lead.
#[component]
pub fn LeadPage() -> impl IntoView {
    load_by_id(lead, |detail, refetch| {
        view! { <Detail detail refetch/> }.into_any()
    })
}

#[component]
fn Detail(detail: LeadDetail, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let card = detail.card.clone();
    let passage = RwSignal::new(None::<Passage>);
    let (editing, aside) = (RwSignal::new(false), RwSignal::new(false));
    let handing = RwSignal::new(false);
    let (edited, moved) = (detail.clone(), card.clone());
    let (given, claims) = (card.clone(), detail.claims.clone());
    let can_give = can_hand_over(&card, &claims);
    begin_as_asked(editing, detail.may_write);
    let deleting = RwSignal::new(false);
    let removed = card.enterprise_name.clone();
    let tag = RecordTag {
        kind: RecordKind::Lead,
        id: card.id,
    };
    let undoable = move |text: String, version: i64| {
        let act = UndoAct {
            kind: tag.kind,
            id: tag.id,
            version,
        };
        done_undoable(toasts, words, text, act, move || {
            // The page may be another one by now.
            let _ = refetch.try_run(());
        });
    };
    let seen = card.version;
    let saved = Callback::new(move |version: i64| {
        let text = words.lead_saved().to_owned();
        // Saved as it was, nothing is there to take back.
        if version == seen {
            toasts.done(text);
        } else {
            undoable(text, version);
        }
        refetch.run(());
    });
    let navigate = use_navigate();
    let deleted_name = card.enterprise_name.clone();
    let deleted = Callback::new(move |version: i64| {
        let back = navigate.clone();
        let act = UndoAct {
            kind: tag.kind,
            id: tag.id,
            version,
        };
        let text = words.deleted_name(deleted_name.clone());
        done_undoable(toasts, words, text, act, move || {
            back(&format!("/leads/{}", tag.id), NavigateOptions::default());
        });
        navigate("/leads/list", NavigateOptions::default());
    });
    let next = card.stage.next().filter(|_| detail.may_write);
    let rules = detail.rules.clone();
    let done = Callback::new(move |moved: Moved| {
        undoable(words.moved_to(words.stage(moved.to)), moved.version);
        refetch.run(());
    });
    let forward_card = card.clone();
    let back_card = card.clone();
    let before = Stage::from_number(card.stage.number() - 1).filter(|_| detail.may_write);
    let track = Stage::ALL
        .into_iter()
        .map(|stage| {
            // A lead that went back enters a stage again: the last entry counts.
            let entry = detail
                .entries
                .iter()
                .rev()
                .find(|entry| entry.stage == stage);
            let (class, current) = if stage < card.stage {
                ("done", None)
            } else if stage == card.stage {
                ("now", Some("step"))
            } else if Some(stage) == card.stage.next() {
                ("open", None)
            } else {
                ("", None)
            };
            let when = if stage == Stage::Lead {
                format::day(detail.created_at)
            } else if stage <= card.stage {
                entry.map_or_else(|| "—".to_owned(), |entry| format::day(entry.entered_at))
            } else {
                "—".to_owned()
            };
            let by = entry
                .filter(|_| stage <= card.stage)
                .map(|entry| entry.by.clone())
                .or_else(|| {
                    (stage == card.stage.next().unwrap_or(Stage::Lead) && stage > card.stage)
                        .then(|| words.waits_for_evidence().to_owned())
                });
            view! {
                <li class=class aria-current=current>
                    <b>{words.stage(stage)}</b>
                    {when}
                    {by.map(|by| view! { <br/>{by} })}
                </li>
            }
        })
        .collect_view();
    let evidence = detail
        .entries
        .iter()
        .rev()
        .filter(|entry| entry.stage <= card.stage)
        .map(|entry| {
            let order: Vec<String> = rules
                .iter()
                .find(|rule| rule.stage == entry.stage)
                .map(|rule| rule.evidence.iter().map(|field| field.key.clone()).collect())
                .unwrap_or_default();
            let mut answers: Vec<(String, String)> = entry
                .evidence
                .iter()
                .map(|(key, value)| {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let text = if key.ends_with("_wan") {
                        text.replace(',', "").parse::<f64>().map_or(text, |wan| {
                            #[allow(clippy::cast_possible_truncation, reason = "checked when it was taken")]
                            let wan = wan.round() as i64;
                            words.yi(format::yi(wan))
                        })
                    } else {
                        words.evidence_choice_or(text)
                    };
                    (key.clone(), text)
                })
                .collect();
            answers.sort_by_key(|(key, _)| order.iter().position(|known| known == key));
            view! {
                <li>
                    <span class="badge" data-kind="claim">{words.stage(entry.stage)}</span>
                    <span>{answers.into_iter().map(|(key, text)| view! {
                        <span class="block"><span class="muted">{words.evidence(&key)}"："</span>{text}</span>
                    }).collect_view()}</span>
                    <span class="nowrap">{format::day(entry.entered_at)}</span>
                    <small>{entry.by.clone()}</small>
                </li>
            }
        })
        .collect_view();
    let desk = Desk {
        lead_id: card.id,
        today: detail.today,
        may_write: detail.may_note,
        refetch,
    };
    let work = detail.work;
    let refused = use_query_map().with_untracked(problem_in_address);
    let facts = detail.enterprise.clone();
    let rule_signal = {
        let rules = rules.clone();
        Signal::derive(move || rules.clone())
    };
    let has_entries = !detail.entries.is_empty();
    view! {
        <PageTitle text=card.enterprise_name.clone()/>
        <main class="page lead-page" id="main">
            <div class="page-head">
                <h1>{card.enterprise_name.clone()}</h1>
                <span class="muted">{card.title.clone()}</span>
                {detail.claim.clone().map(|claim| view! {
                    <span class="badge" data-kind="claim">{if claim.is_kept {
                        words.claim_kept_badge(claim.bureau)
                    } else {
                        words.claim_badge(claim.bureau, claim.expires_on.to_string())
                    }}</span>
                })}
                {detail.claims.is_pooled.then(|| view! { <a class="badge" data-kind="warn" href="/pool">{words.pool_title()}</a> })}
                {card.node.clone().map(|node| view! {
                    {node.class.map(|class| view! { <GapTag class/> })}
                    <a href=format!("/chains/{}?node={}", node.chain_id, node.node_id)>{node.name}</a>
                })}
                {card.side_state.map(|state| view! { <span class="badge" data-kind="warn">{words.side_state(state)}</span> })}
                <div class="end">
                    {detail.may_write.then(|| view! {
                        <button type="button" class="btn" data-act="edit" on:click=move |_| editing.set(true)>{words.change_lead()}</button>
                        <button type="button" class="btn" on:click=move |_| aside.set(true)>{words.change_side_state()}</button>
                    })}
                    {can_give.then(|| view! {
                        <button type="button" class="btn" on:click=move |_| handing.set(true)>{words.hand_over()}</button>
                    })}
                    <details class="drop">
                        <summary class="btn">{words.more_word()}<Icon name="i-down"/></summary>
                        <div class="menu">
                            <a href=format!("/audit?entity=lead&id={}", tag.id)><Icon name="i-clock"/>{words.audit_title()}</a>
                            {detail.may_write.then(|| view! {
                                <button type="button" on:click=move |_| deleting.set(true)><Icon name="i-x"/>{words.delete_word()}</button>
                            })}
                        </div>
                    </details>
                    {before.map(|to| view! {
                        <button type="button" class="btn" on:click=move |_| passage.set(Some(Passage { card: back_card.clone(), to }))>
                            {words.back_to_stage(words.stage(to))}
                        </button>
                    })}
                    {next.map(|to| view! {
                        <button type="button" class="btn primary" on:click=move |_| passage.set(Some(Passage { card: forward_card.clone(), to }))>
                            {words.forward_to_stage(words.stage(to))}
                        </button>
                    })}
                </div>
            </div>
            {refused.map(|problem| view! { <ProblemNotice problem/> })}
            <section class="head">
                <div class="sum">
                    <div><b>{format::investment(card.investment_wan)}<span class="unit">{words.unit_yi()}</span></b>{words.planned_investment()}</div>
                    <div><b>{detail.land_mu.map_or_else(|| "—".to_owned(), |land| format!("{land:.1}"))}<span class="unit">{words.unit_mu()}</span></b>{words.land()}</div>
                    {detail.power_kva.map(|power| view! { <div><b>{format::count(power)}<span class="unit">"kVA"</span></b>{words.power_short()}</div> })}
                    {detail.energy_tce.map(|energy| view! { <div><b>{format::count(energy)}<span class="unit">"tce"</span></b>{words.energy_short()}</div> })}
                    <div><b>{card.owner_name.clone()}</b>{words.owner()}</div>
                    <div><b>{detail.bureau.name.clone()}</b>{words.bureau()}</div>
                    <div><b>{format::stage_days(&card)}<span class="unit">{if card.limit_in == LimitUnit::WorkingDays { words.unit_working_days() } else { words.unit_days() }}</span></b>{words.days_in_stage()}</div>
                </div>
                <ol class="track scroll-x" aria-label=words.stages() tabindex="0">{track}</ol>
            </section>
            <div class="cols fold">
                <section class="panel">
                    <header><h2>{words.timeline()}</h2><span class="sub">{words.entries_count(detail.events.len())}</span></header>
                    {detail.may_note.then(|| view! { <Quick lead_id=card.id refetch/> })}
                    <div class="scroll" tabindex="0" role="region" aria-label=words.timeline()>
                        <ol class="timeline">
                            {detail.events.into_iter().map(|event| view! { <Event lead_id=card.id event/> }).collect_view()}
                        </ol>
                    </div>
                </section>
                <div>
                    <Commitments rows=work.commitments desk/>
                    <Tasks rows=work.tasks desk/>
                    <section class="panel">
                        <header><h2>{words.evidence_title()}</h2><span class="sub">{words.rule_pack(detail.rule_pack_version.clone())}</span></header>
                        {if has_entries {
                            view! { <ul class="list com">{evidence}</ul> }.into_any()
                        } else {
                            view! { <p class="body muted small">{words.no_evidence()}</p> }.into_any()
                        }}
                    </section>
                </div>
                <div>
                    <Gain lead_id=card.id/>
                    <Contacts rows=work.contacts desk/>
                    <Files rows=work.files desk/>
                    <section class="panel">
                        <header>
                            <h2>{words.enterprise()}</h2>
                            <span class="end"><a href=format!("/enterprises/{}", card.enterprise_id)>{words.enterprise_page()}</a></span>
                        </header>
                        <div class="body">
                            <dl class="facts">
                                <dt>{words.source()}</dt><dd>{detail.source}</dd>
                                <dt>{words.credit_code()}</dt><dd>{facts.credit_code.unwrap_or_else(|| words.not_known().to_owned())}</dd>
                                <dt>{words.location()}</dt><dd>{format::place(facts.province.as_deref(), facts.city.as_deref())}</dd>
                                <dt>{words.products()}</dt><dd>{facts.products.join("、")}</dd>
                                <dt>{words.revenue()}</dt><dd>{facts.revenue_wan.map_or_else(|| words.not_known().to_owned(), |wan| words.yi(format::yi(wan)))}</dd>
                                <dt>{words.staff()}</dt><dd>{facts.staff.map_or_else(|| words.not_known().to_owned(), format::count)}</dd>
                            </dl>
                        </div>
                    </section>
                    <ClaimPanel claim=detail.claim claims=detail.claims again=refetch/>
                </div>
            </div>
            <GateDialog passage rules=rule_signal done/>
            {move || editing.get().then(|| view! { <LeadForm detail=edited.clone() close=Callback::new(move |()| editing.set(false)) done=saved/> })}
            {move || deleting.get().then(|| view! {
                <DeleteForm tag version=seen name=removed.clone() close=Callback::new(move |()| deleting.set(false)) done=deleted/>
            })}
            {move || handing.get().then(|| view! { <TransferForm card=given.clone() claims=claims.clone() close=Callback::new(move |()| handing.set(false)) done=refetch/> })}
            {move || aside.get().then(|| view! { <SideStateForm card=moved.clone() close=Callback::new(move |()| aside.set(false)) done=saved/> })}
        </main>
    }
}

/// Opens the form or goes to the write box when the address asks for it (`?do=edit`, `?do=note`), and takes that out of the
/// address: the page's next reading of its data must not do it again.
fn begin_as_asked(editing: RwSignal<bool>, may_write: bool) {
    let location = use_location();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let wanted = location.query.with_untracked(|query| query.get("do"));
        let Some(wanted) = wanted else {
            return;
        };
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&location.pathname.get_untracked(), options);
        if wanted == "edit" && may_write {
            editing.set(true);
        } else if wanted == "note" {
            keys::focus_soon("main [data-act='note']", 30);
        }
    });
}

/// The write box: what was said, and how.
#[component]
fn Quick(lead_id: i64, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let body = RwSignal::new(String::new());
    let kind = RwSignal::new(EventKind::Note);
    let pending = RwSignal::new(false);
    let save = move || {
        if pending.get_untracked() || body.with_untracked(|body| body.trim().is_empty()) {
            return;
        }
        let new = NewEvent {
            lead_id,
            kind: kind.get_untracked(),
            body: body.get_untracked(),
        };
        submit(pending, add_event(new), move |outcome| match outcome {
            Ok(_) => {
                body.set(String::new());
                toasts.done(words.note_saved());
                refetch.run(());
            }
            Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
        });
    };
    view! {
        <form class="quick" on:submit=move |event| { event.prevent_default(); save(); }
            on:keydown=move |event| if pressed(&event, Scope::Lead) == Some(Act::SaveNote) { event.prevent_default(); save(); }>
            <input class="input" data-act="note" aria-label=words.write_note() placeholder=words.write_note_hint()
                prop:value=move || body.get()
                on:input=move |event| body.set(event_target_value(&event))/>
            <select class="select" aria-label=words.note_kind()
                on:change=move |event| {
                    if let Some(chosen) = EventKind::from_key(&event_target_value(&event)) {
                        kind.set(chosen);
                    }
                }>
                {EventKind::WRITTEN.into_iter().map(|kind| view! {
                    <option value=kind.key()>{words.event(kind)}</option>
                }).collect_view()}
            </select>
            <button type="submit" class="btn" disabled=move || pending.get()>{words.save()}</button>
        </form>
    }
}

#[component]
fn Event(lead_id: i64, event: LeadEvent) -> impl IntoView {
    let words = use_words();
    let icon = match event.kind {
        EventKind::Created => "i-flag",
        EventKind::Note => "i-note",
        EventKind::Call => "i-phone",
        EventKind::VisitOutbound => "i-out",
        EventKind::VisitInbound => "i-in",
        EventKind::VisitOnline => "i-video",
        EventKind::Stage => "i-check",
        EventKind::SideState => "i-mute",
        EventKind::Changed => "i-save",
        EventKind::File => "i-file",
        EventKind::Commitment => "i-flag",
        EventKind::Deleted => "i-x",
        EventKind::Restored => "i-up",
        EventKind::Claim => "i-lock",
    };
    let title = match (event.kind, event.stage) {
        (EventKind::SideState, _) => event
            .side_state
            .map_or_else(|| words.on_the_track(), |state| words.side_state(state))
            .to_owned(),
        (EventKind::Commitment, _) => event.commitment.map_or_else(
            || words.event(EventKind::Commitment).to_owned(),
            |(side, state)| words.commitment_told(side, state),
        ),
        (EventKind::Claim, _) => event
            .claim
            .as_ref()
            .map_or_else(
                || words.event(event.kind),
                |step| words.claim_event(step.kind),
            )
            .to_owned(),
        (_, Some(stage)) => words.entered_stage(words.stage(stage)),
        (kind, None) => words.event(kind).to_owned(),
    };
    let between = event.claim.as_ref().map(|step| {
        let parties: Vec<&str> = [step.from.as_deref(), step.to.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        let mut line = parties.join(" → ");
        if let (Some(percent), Some(from)) = (step.share_percent, &step.from) {
            line.push_str(words.list_comma());
            line.push_str(&words.keeps_share(from, percent));
        }
        line
    });
    let by = match &event.claim {
        Some(step) if step.by_system => words.by_system().to_owned(),
        _ => event.by,
    };
    let visit = event.visit.as_ref().map(|visit| {
        let trip = if visit.people.is_empty() {
            visit.trip.clone()
        } else {
            words.visit_line(&visit.trip, visit.people.join("、"))
        };
        let interest = visit.interest.map(|interest| words.interest_is(interest));
        let said: Vec<String> = [Some(words.visit_outcome(visit.outcome).to_owned()), interest]
            .into_iter()
            .flatten()
            .collect();
        let href = format!("/trips/{}/report", visit.trip_id);
        let withdrawn = visit
            .is_withdrawn
            .then(|| view! { <span class="badge" data-kind="warn">{words.withdrawn_word()}</span>" " });
        view! { <p class="small">{withdrawn}<b>{said.join(words.list_comma())}</b>" "<a class="muted" href=href>{trip}</a></p> }
    });
    let changes = event
        .fields
        .into_iter()
        .map(|(field, before, after)| {
            let or_dash = |text: String| if text.is_empty() { "—".to_owned() } else { text };
            view! {
                <p class="small"><span class="muted">{form_field(words, &field).to_owned()}"："</span>{or_dash(before)}<span class="muted">" → "</span>{or_dash(after)}</p>
            }
        })
        .collect_view();
    view! {
        <li>
            <time datetime=event.happened_at.to_rfc3339()>{format::moment(event.happened_at)}</time>
            <Icon name=icon/>
            <div class="what">
                <div class="row"><b>{title}</b></div>
                {between.filter(|line| !line.is_empty()).map(|line| view! { <p class="small">{line}</p> })}
                {visit}
                {(!event.body.is_empty()).then(|| match event.file_id {
                    Some(file_id) => view! { <p><a href=format!("/leads/{lead_id}/files/{file_id}") rel="external" download="">{event.body}</a></p> }.into_any(),
                    None => view! { <p>{event.body}</p> }.into_any(),
                })}
                {changes}
                <span class="by">{by}</span>
            </div>
        </li>
    }
}
