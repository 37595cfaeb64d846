//! 流转与利益分成: the form that proposes it, what a lead's page says of it, and the answer.

use domain::{
    lead::{ClaimView, LeadCard, LeadClaims, NewTransfer, SideState, TransferAnswer, TransferView},
    problem::Problem,
};
use leptos::prelude::*;

use super::{
    claim::{answer_transfer, propose_transfer, withdraw_transfer},
    conflict::LongField,
};
use crate::{
    component::{FormDialog, Refusal, TextField, Typed, field_error, submit, use_toasts},
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// Whether a lead can be handed over at all.
pub(super) fn can_hand_over(card: &LeadCard, claims: &LeadClaims) -> bool {
    !claims.bureaus.is_empty()
        && claims.transfer.is_none()
        && card
            .side_state
            .is_none_or(|state| !SideState::ENDED.contains(&state))
}

/// Hands a lead to another bureau, for its answer.
#[component]
pub(super) fn TransferForm(
    card: LeadCard,
    claims: LeadClaims,
    close: Callback<()>,
    done: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let to = RwSignal::new(claims.bureaus.first().map(|bureau| bureau.id));
    let share = RwSignal::new("0".to_owned());
    let reason = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let (lead_id, version) = (card.id, card.version);
    let typed = move || share.with(|text| text.trim().parse::<i32>());
    let error = move |field: &'static str| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), field))
    };
    let share_error = Signal::derive(move || {
        if typed().is_err() {
            return Some(words.not_a_number().to_owned());
        }
        field_error(words, problem.get().as_ref(), "share_percent")
    });
    let choice_error = Signal::derive(move || {
        ["to_bureau_id", "transfer", "side_state"]
            .into_iter()
            .find_map(|field| field_error(words, problem.get().as_ref(), field))
    });
    let send = Callback::new(move |()| {
        let (Ok(share_percent), Some(to_bureau_id)) = (typed(), to.get_untracked()) else {
            return;
        };
        let new = NewTransfer {
            lead_id,
            version,
            to_bureau_id,
            share_percent,
            reason: reason.get_untracked(),
        };
        submit(
            pending,
            propose_transfer(new),
            move |outcome| match outcome {
                Ok(_) => {
                    close.run(());
                    toasts.done(words.transfer_proposed());
                    done.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    view! {
        <FormDialog title=words.hand_over() send_word=words.propose_transfer() close send is_blocked=pending>
            <Refusal problem/>
            <div class="field">
                <label for="transfer-to">{words.receiving_bureau()}</label>
                <select class="input" id="transfer-to" on:change=move |event| to.set(event_target_value(&event).parse().ok())>
                    {claims.bureaus.into_iter().map(|bureau| view! {
                        <option value=bureau.id.to_string()>{bureau.name}</option>
                    }).collect_view()}
                </select>
                {move || choice_error.get().map(|text| view! { <span class="error">{text}</span> })}
            </div>
            <TextField id="transfer-share" label=words.share_of_giver() value=share typed=Typed::Number error=share_error/>
            <LongField id="transfer-reason" label=words.reason() value=reason error=error("reason")/>
            <p class="muted small">{words.transfer_hint()}</p>
        </FormDialog>
    }
}

/// The claim of a lead's company, who keeps a part of the benefit, and the proposal that waits.
#[component]
pub(super) fn ClaimPanel(
    claim: Option<ClaimView>,
    claims: LeadClaims,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let held = match claim {
        Some(claim) => {
            let until = if claim.is_kept {
                words.claim_kept().to_owned()
            } else {
                claim.expires_on.to_string()
            };
            view! {
                <dl class="facts">
                    <dt>{words.held_by_word()}</dt><dd>{claim.bureau}</dd>
                    <dt>{words.claimed_on()}</dt><dd>{format::day(claim.claimed_at)}</dd>
                    <dt>{words.protected_until()}</dt><dd>{until}</dd>
                </dl>
            }
            .into_any()
        }
        None if claims.is_pooled => {
            view! { <p class="muted small">{words.lies_in_pool()}" "<a href="/pool">{words.pool_title()}</a></p> }
                .into_any()
        }
        None => view! { <p class="muted small">{words.no_claim_runs()}</p> }.into_any(),
    };
    let shares = claims
        .shares
        .into_iter()
        .map(|share| view! {
            <li><span>{words.keeps_share(share.bureau, share.percent)}</span><small>{format::day(share.since)}</small></li>
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.claim_and_transfer()}</h2><span class="end"><a href="/claims">{words.ledger_title()}</a></span></header>
            <div class="body">
                {held}
                <ul class="list">{shares}</ul>
                {claims.transfer.map(|transfer| view! { <Proposal transfer again/> })}
            </div>
        </section>
    }
}

/// A proposal that waits, with what this person may do about it.
#[component]
pub(super) fn Proposal(transfer: TransferView, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let (transfer_id, version) = (transfer.id, transfer.version);
    let settled = move |outcome: Result<(), AppError>, text: &'static str| {
        match outcome {
            Ok(()) => toasts.done(text),
            Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
        }
        again.run(());
    };
    let answer = move |accept: bool| {
        let answer = TransferAnswer {
            transfer_id,
            version,
            accept,
        };
        let text = if accept {
            words.transfer_accepted()
        } else {
            words.transfer_declined()
        };
        submit(pending, answer_transfer(answer), move |outcome| {
            settled(outcome, text);
        });
    };
    let name = transfer.enterprise_name.clone();
    let (accept_label, decline_label, withdraw_label) = (
        words.accept_transfer_of(name.clone()),
        words.decline_transfer_of(name.clone()),
        words.withdraw_transfer_of(name),
    );
    view! {
        <div class="stack">
            <p>
                <b>{transfer.enterprise_name}</b>" "<span class="muted">{transfer.title}</span><br/>
                {words.transfer_line(transfer.from_bureau, transfer.to_bureau, transfer.share_percent)}
            </p>
            <p>{transfer.reason}</p>
            <p class="muted small">{transfer.by}" "{format::day(transfer.proposed_at)}</p>
            <div class="row wrap">
                {transfer.may_answer.then(|| view! {
                    <button type="button" class="btn primary" aria-label=accept_label disabled=move || pending.get() on:click=move |_| answer(true)>{words.accept_transfer()}</button>
                    <button type="button" class="btn" aria-label=decline_label disabled=move || pending.get() on:click=move |_| answer(false)>{words.decline_transfer()}</button>
                })}
                {transfer.may_withdraw.then(|| view! {
                    <button type="button" class="btn" aria-label=withdraw_label disabled=move || pending.get()
                        on:click=move |_| submit(pending, withdraw_transfer(transfer_id, version), move |outcome| settled(outcome, words.transfer_withdrawn()))>{words.take_back()}</button>
                })}
            </div>
        </div>
    }
}
