//! 首报冲突: who holds a company, since when and on what record, and the way to object.

use domain::{
    lead::{EventKind, HeldClaim, NewDispute, Stage},
    problem::Problem,
};
use leptos::prelude::*;

use super::claim::contest_claim;
use crate::{
    component::{FormDialog, Icon, Refusal, field_error, submit, use_toasts},
    error::AppError,
    words::{Locale, use_words},
};

/// Several lines of text.
#[component]
pub(super) fn LongField(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    let is_wrong = move || error.with(Option::is_some);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea class="textarea" id=id rows="4" maxlength="4000"
                aria-invalid=move || is_wrong().then_some("true")
                aria-describedby=move || is_wrong().then(|| described.clone())
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))></textarea>
            {move || error.get().map(|text| view! {
                <span class="error" id=error_id.clone()><Icon name="i-warn"/>{text}</span>
            })}
        </div>
    }
}

/// What an entry of evidence is called.
fn evidence_word(words: Locale, kind: &str) -> String {
    match (Stage::from_key(kind), EventKind::from_key(kind)) {
        (Some(stage), _) => words.entered_stage(words.stage(stage)),
        (None, Some(event)) => words.event(event).to_owned(),
        (None, None) => kind.to_owned(),
    }
}

/// The claim in the way, and 提出异议.
#[component]
pub fn ClaimConflict(
    /// The company that was to be registered.
    enterprise_id: i64,
    held: HeldClaim,
    close: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let evidence = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let error = Signal::derive(move || {
        field_error(words, problem.get().as_ref(), "evidence")
            .or_else(|| field_error(words, problem.get().as_ref(), "dispute"))
    });
    let send = Callback::new(move |()| {
        let new = NewDispute {
            enterprise_id,
            evidence: evidence.get_untracked(),
        };
        submit(pending, contest_claim(new), move |outcome| match outcome {
            Ok(_) => {
                close.run(());
                toasts.done(words.claim_contested());
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    });
    let until = if held.is_kept {
        words.claim_kept().to_owned()
    } else {
        held.expires_on
    };
    let record = if held.evidence.is_empty() {
        view! { <p class="muted small">{words.no_claim_evidence()}</p> }.into_any()
    } else {
        view! {
            <table class="table dense"><tbody>
                {held.evidence.into_iter().map(|entry| view! {
                    <tr><td class="nowrap">{entry.on}</td><td>{evidence_word(words, &entry.kind)}</td></tr>
                }).collect_view()}
            </tbody></table>
        }
        .into_any()
    };
    view! {
        <FormDialog title=words.claim_conflict() send_word=words.contest() close send is_blocked=pending>
            <dl class="facts">
                <dt>{words.enterprise()}</dt><dd>{held.enterprise}</dd>
                <dt>{words.held_by_word()}</dt><dd>{held.bureau}</dd>
                <dt>{words.claimed_on()}</dt><dd>{held.claimed_on}</dd>
                <dt>{words.protected_until()}</dt><dd>{until}</dd>
                <dt>{words.recognised_by()}</dt><dd>{words.recognition(held.recognised)}</dd>
            </dl>
            <section aria-label=words.claim_record()>
                <h3>{words.claim_record()}</h3>
                {record}
            </section>
            <Refusal problem/>
            <LongField id="contest-evidence" label=words.contest_evidence() value=evidence error/>
            <p class="muted small">{words.contest_hint()}</p>
        </FormDialog>
    }
}
