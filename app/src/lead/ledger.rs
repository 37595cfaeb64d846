//! 首报台账: every act about a claim, newest first; above it what waits for a decision or an answer.

use domain::{
    lead::{
        ClaimEventKind, DisputeDecision, DisputeView, LEDGER_PAGE, Ledger, LedgerQuery, LedgerRow,
    },
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    claim::{claim_ledger, decide_dispute, withdraw_dispute},
    conflict::LongField,
    transfer::Proposal,
};
use crate::{
    component::{
        FormDialog, Icon, PageTitle, Pager, Refusal, TextField, Typed, field_error, load,
        query_value, submit, use_toasts,
    },
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// The ledger, as its address filters it.
#[component]
pub fn LedgerPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| LedgerQuery {
            bureau_id: query.get("bureau_id").and_then(|text| text.parse().ok()),
            kind: query
                .get("kind")
                .and_then(|key| ClaimEventKind::from_key(&key)),
            text: query.get("text").unwrap_or_default(),
            from: query.get("from").and_then(|text| text.parse().ok()),
            until: query.get("until").and_then(|text| text.parse().ok()),
            page: query
                .get("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(0),
        })
    });
    load(
        move || asked.get(),
        claim_ledger,
        move |ledger, again| {
            let asked = asked.get_untracked();
            view! { <Page ledger asked again/> }.into_any()
        },
    )
}

/// The query as it stands in an address; the same for the page and its files.
fn parameters(query: &LedgerQuery) -> String {
    let mut parts = Vec::new();
    if let Some(bureau) = query.bureau_id {
        parts.push(format!("bureau_id={bureau}"));
    }
    if let Some(kind) = query.kind {
        parts.push(format!("kind={}", kind.key()));
    }
    if !query.text.is_empty() {
        parts.push(format!("text={}", query_value(&query.text)));
    }
    if let Some(day) = query.from {
        parts.push(format!("from={day}"));
    }
    if let Some(day) = query.until {
        parts.push(format!("until={day}"));
    }
    if query.page > 0 {
        parts.push(format!("page={}", query.page));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

#[component]
fn Page(ledger: Ledger, asked: LedgerQuery, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let first = LedgerQuery {
        page: 0,
        ..asked.clone()
    };
    let files = parameters(&first);
    let is_filtered = first != LedgerQuery::default();
    let link = {
        let first = first.clone();
        Callback::new(move |page: u64| {
            format!(
                "/claims{}",
                parameters(&LedgerQuery {
                    page,
                    ..first.clone()
                })
            )
        })
    };
    let go = Callback::new(move |query: LedgerQuery| {
        navigate(
            &format!("/claims{}", parameters(&query)),
            NavigateOptions::default(),
        );
    });
    let base = StoredValue::new(first);
    let text = RwSignal::new(asked.text.clone());
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let (from, until) = (day(asked.from), day(asked.until));
    let bureaus = (ledger.bureaus.len() > 1).then(|| {
        view! {
            <select class="input" aria-label=words.bureau() on:change=move |event| {
                go.run(LedgerQuery { bureau_id: event_target_value(&event).parse().ok(), ..base.get_value() });
            }>
                <option value="">{words.every_bureau()}</option>
                {ledger.bureaus.iter().map(|bureau| view! {
                    <option value=bureau.id.to_string() selected=asked.bureau_id == Some(bureau.id)>{bureau.name.clone()}</option>
                }).collect_view()}
            </select>
        }
    });
    let deciding = RwSignal::new(None::<DisputeView>);
    let total = ledger.total;
    view! {
        <PageTitle text=words.ledger_title()/>
        <main class="page lead-list" id="main">
            <div class="page-head">
                <h1>{words.ledger_title()}</h1>
                <p class="sub">{words.ledger_sub(format::count(total))}</p>
                <div class="end">
                    <a class="btn" href="/pool">{words.pool_title()}</a>
                    <details class="drop">
                        <summary class="btn">{words.export()}<Icon name="i-down"/></summary>
                        <div class="menu">
                            <a href=format!("/claims/ledger.xlsx{files}") rel="external" download="">"XLSX"</a>
                            <a href=format!("/claims/ledger.csv{files}") rel="external" download="">"CSV"</a>
                        </div>
                    </details>
                </div>
            </div>
            {(!ledger.disputes.is_empty()).then(|| view! {
                <section class="panel" aria-label=words.open_disputes()>
                    <header><h2>{words.open_disputes()}</h2><span class="sub">{words.entries_count(ledger.disputes.len())}</span></header>
                    <div class="body stack">
                        {ledger.disputes.into_iter().map(|dispute| view! { <Dispute dispute deciding again/> }).collect_view()}
                    </div>
                </section>
            })}
            {(!ledger.transfers.is_empty()).then(|| view! {
                <section class="panel" aria-label=words.open_transfers()>
                    <header><h2>{words.open_transfers()}</h2><span class="sub">{words.entries_count(ledger.transfers.len())}</span></header>
                    <div class="body stack">
                        {ledger.transfers.into_iter().map(|transfer| view! { <Proposal transfer again/> }).collect_view()}
                    </div>
                </section>
            })}
            <form class="toolbar reference-search" role="search" on:submit=move |event| {
                event.prevent_default();
                go.run(LedgerQuery { text: text.get_untracked(), ..base.get_value() });
            }>
                <label class="search">
                    <Icon name="i-search"/>
                    <span class="vh">{words.find_claim()}</span>
                    <input type="search" placeholder=words.find_claim() prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))/>
                </label>
                {bureaus}
                <select class="input" aria-label=words.ledger_kind() on:change=move |event| {
                    go.run(LedgerQuery { kind: ClaimEventKind::from_key(&event_target_value(&event)), ..base.get_value() });
                }>
                    <option value="">{words.every_kind()}</option>
                    {ClaimEventKind::ALL.into_iter().map(|kind| view! {
                        <option value=kind.key() selected=asked.kind == Some(kind)>{words.claim_event(kind)}</option>
                    }).collect_view()}
                </select>
                <input class="input" type="date" aria-label=words.day_from() value=from on:change=move |event| {
                    go.run(LedgerQuery { from: event_target_value(&event).parse().ok(), ..base.get_value() });
                }/>
                <input class="input" type="date" aria-label=words.day_until() value=until on:change=move |event| {
                    go.run(LedgerQuery { until: event_target_value(&event).parse().ok(), ..base.get_value() });
                }/>
            </form>
            <section class="panel">
                {if total == 0 {
                    view! {
                        <div class="empty"><Icon name="i-lock"/>
                            {if is_filtered {
                                view! { <b>{words.no_ledger_line()}</b><p><a href="/claims">{words.clear_filter()}</a></p> }.into_any()
                            } else {
                                view! { <b>{words.ledger_empty()}</b><p>{words.ledger_empty_hint()}</p><p><a href="/enterprises">{words.to_enterprises()}</a></p> }.into_any()
                            }}
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.ledger_title()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.enterprise()}</th><th>{words.time()}</th><th>{words.ledger_kind()}</th><th>{words.bureau()}</th>
                                    <th>{words.other_bureau()}</th><th class="num">{words.share_word()}<span class="unit">"%"</span></th>
                                    <th>{words.ledger_text()}</th><th>{words.by()}</th>
                                </tr></thead>
                                <tbody>{ledger.rows.into_iter().map(|row| view! { <Row row/> }).collect_view()}</tbody>
                            </table>
                        </div>
                        <Pager page=ledger.page page_size=LEDGER_PAGE total link/>
                    }.into_any()
                }}
            </section>
            {move || deciding.get().map(|dispute| view! {
                <DecisionForm dispute close=Callback::new(move |()| deciding.set(None)) again/>
            })}
        </main>
    }
}

#[component]
fn Row(row: LedgerRow) -> impl IntoView {
    let words = use_words();
    let text = words.ledger_body(&row);
    let by = row.by.unwrap_or_else(|| words.by_system().to_owned());
    let company = match row.lead_id {
        Some(lead_id) => format!("/leads/{lead_id}"),
        None => format!("/enterprises/{}", row.enterprise_id),
    };
    view! {
        <tr>
            <td><a href=company><b>{row.enterprise_name}</b></a></td>
            <td class="nowrap">{format::instant(row.happened_at)}</td>
            <td class="nowrap">{words.claim_event(row.kind)}</td>
            <td class="nowrap">{row.bureau}</td>
            <td class="nowrap">{row.other_bureau.unwrap_or_else(|| "—".to_owned())}</td>
            <td class="num">{row.share_percent.map_or_else(|| "—".to_owned(), |percent| percent.to_string())}</td>
            <td>{text}</td>
            <td class="nowrap">{by}</td>
        </tr>
    }
}

#[component]
fn Dispute(
    dispute: DisputeView,
    deciding: RwSignal<Option<DisputeView>>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let dispute_id = dispute.id;
    let shown = dispute.clone();
    let name = dispute.enterprise_name.clone();
    let (decide_label, withdraw_label) = (
        words.decide_of(name.clone()),
        words.withdraw_dispute_of(name),
    );
    let withdraw = move |_| {
        submit(pending, withdraw_dispute(dispute_id), move |outcome| {
            match outcome {
                Ok(()) => toasts.done(words.dispute_withdrawn()),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            }
            again.run(());
        });
    };
    view! {
        <div class="stack">
            <p>
                <a href=format!("/enterprises/{}", dispute.enterprise_id)><b>{dispute.enterprise_name}</b></a><br/>
                {words.dispute_line(dispute.claimant, dispute.holder, format::day(dispute.claimed_at), dispute.expires_on.to_string())}
            </p>
            <p>{dispute.evidence}</p>
            <p class="muted small">{dispute.by}" "{format::day(dispute.opened_at)}</p>
            <div class="row wrap">
                {dispute.may_decide.then(|| view! {
                    <button type="button" class="btn primary" aria-label=decide_label on:click=move |_| deciding.set(Some(shown.clone()))>{words.decide()}</button>
                })}
                {dispute.may_withdraw.then(|| view! {
                    <button type="button" class="btn" aria-label=withdraw_label disabled=move || pending.get() on:click=withdraw>{words.take_back()}</button>
                })}
            </div>
        </div>
    }
}

/// 裁定.
#[component]
fn DecisionForm(dispute: DisputeView, close: Callback<()>, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let uphold = RwSignal::new(true);
    let share = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let dispute_id = dispute.id;
    let typed = move || {
        share.with(|text| match text.trim() {
            "" => Ok(None),
            text => text.parse::<i32>().map(Some),
        })
    };
    let share_error = Signal::derive(move || {
        if typed().is_err() {
            return Some(words.not_a_number().to_owned());
        }
        field_error(words, problem.get().as_ref(), "share_percent")
    });
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "reason"));
    let send = Callback::new(move |()| {
        let Ok(share_percent) = typed() else {
            return;
        };
        let decision = DisputeDecision {
            dispute_id,
            uphold: uphold.get_untracked(),
            reason: reason.get_untracked(),
            share_percent,
        };
        submit(
            pending,
            decide_dispute(decision),
            move |outcome| match outcome {
                Ok(()) => {
                    close.run(());
                    toasts.done(words.dispute_decided());
                    again.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let (holder, claimant) = (dispute.holder, dispute.claimant);
    view! {
        <FormDialog title=words.decide_of(dispute.enterprise_name) send_word=words.decide() close send is_blocked=pending>
            <Refusal problem/>
            <div class="field">
                <label for="decision">{words.decision()}</label>
                <select class="input" id="decision" on:change=move |event| uphold.set(event_target_value(&event) == "upheld")>
                    <option value="upheld">{words.decision_uphold(holder.clone())}</option>
                    <option value="rejected">{words.decision_reject(claimant)}</option>
                </select>
            </div>
            {move || {
                let label = words.share_kept_by(holder.clone());
                (!uphold.get()).then(|| view! {
                    <TextField id="decision-share" label value=share typed=Typed::Number error=share_error/>
                })
            }}
            <LongField id="decision-reason" label=words.reason() value=reason error/>
            <p class="muted small">{words.decision_hint()}</p>
        </FormDialog>
    }
}
