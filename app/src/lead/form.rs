//! The forms of a lead: its fields, and the states beside the track.

use domain::{
    lead::{LeadCard, LeadChange, LeadDetail, SideState, SideStateChange},
    problem::Problem,
};
use leptos::prelude::*;

use super::{change_lead, lead_choices, set_side_state};
use crate::{
    component::{
        FormDialog, ProblemNotice, Refusal, TextField, Typed, field_error, load_part, submit,
        typed_number,
    },
    error::AppError,
    words::use_words,
};

/// An amount as typed, with or without commas between its thousands.
fn typed(text: &str) -> Result<Option<f64>, ()> {
    typed_number(&text.replace(',', ""))
}

/// The fields of a lead.
#[component]
pub(super) fn LeadForm(
    detail: LeadDetail,
    close: Callback<()>,
    done: Callback<i64>,
) -> impl IntoView {
    let words = use_words();
    let card = detail.card;
    let (lead_id, version) = (card.id, card.version);
    let text = |value: Option<String>| RwSignal::new(value.unwrap_or_default());
    let title = RwSignal::new(card.title);
    let source = RwSignal::new(detail.source);
    let investment = text(card.investment_wan.map(|wan| wan.to_string()));
    let land = text(detail.land_mu.map(|land| land.to_string()));
    let power = text(detail.power_kva.map(|power| power.to_string()));
    let energy = text(detail.energy_tce.map(|energy| energy.to_string()));
    let node = RwSignal::new(card.node.map(|node| node.node_id));
    let owner = RwSignal::new(None::<i64>);
    let owner_name = card.owner_name;
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let error = move |field: &'static str| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), field))
    };
    let number_error = move |value: RwSignal<String>, field: &'static str| {
        Signal::derive(move || {
            if value.with(|text| typed(text).is_err()) {
                return Some(words.not_a_number().to_owned());
            }
            field_error(words, problem.get().as_ref(), field)
        })
    };
    let send = Callback::new(move |()| {
        let (Ok(investment), Ok(land), Ok(power), Ok(energy)) = (
            typed(&investment.get_untracked()),
            typed(&land.get_untracked()),
            typed(&power.get_untracked()),
            typed(&energy.get_untracked()),
        ) else {
            return;
        };
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the server checks the range"
        )]
        let whole = |number: Option<f64>| number.map(|number| number.round() as i64);
        let change = LeadChange {
            title: Some(title.get_untracked()),
            source: Some(source.get_untracked()),
            investment_wan: Some(whole(investment)),
            land_mu: Some(land),
            power_kva: Some(whole(power)),
            energy_tce: Some(whole(energy)),
            chain_node_id: Some(node.get_untracked()),
            owner_id: owner.get_untracked(),
        };
        submit(
            pending,
            change_lead(lead_id, version, change),
            move |outcome| match outcome {
                Ok(version) => {
                    close.run(());
                    done.run(version);
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let choices = load_part(
        move || lead_id,
        lead_choices,
        move |choices, _| {
            view! {
                <div class="field">
                    <label for="lead-node">{words.node()}</label>
                    <select class="input" id="lead-node" on:change=move |event| node.set(event_target_value(&event).parse().ok())>
                        <option value="">{words.no_node()}</option>
                        {choices.nodes.into_iter().map(|(id, chain, name)| view! {
                            <option value=id.to_string() selected=node.get_untracked() == Some(id)>{format!("{chain} · {name}")}</option>
                        }).collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for="lead-owner">{words.owner()}</label>
                    <select class="input" id="lead-owner" on:change=move |event| owner.set(event_target_value(&event).parse().ok())>
                        <option value="">{owner_name.clone()}</option>
                        {choices.owners.into_iter().filter(|(_, name)| *name != owner_name).map(|(id, name)| view! {
                            <option value=id.to_string()>{name}</option>
                        }).collect_view()}
                    </select>
                </div>
            }
            .into_any()
        },
        || view! { <p class="muted small" role="status">"…"</p> }.into_any(),
        |error| view! { <ProblemNotice problem=error.0/> }.into_any(),
    );
    view! {
        <FormDialog title=words.change_lead() send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <TextField id="lead-title" label=words.project_name() value=title max=120 error=error("title")/>
            <TextField id="lead-source" label=words.source() value=source max=120 error=error("source")/>
            <TextField id="lead-investment" label=words.investment_wan() value=investment typed=Typed::Number error=number_error(investment, "investment_wan")/>
            <TextField id="lead-land" label=words.land_mu() value=land typed=Typed::Number error=number_error(land, "land_mu")/>
            <TextField id="lead-power" label=words.power_kva() value=power typed=Typed::Number error=number_error(power, "power_kva")/>
            <TextField id="lead-energy" label=words.energy_tce() value=energy typed=Typed::Number error=number_error(energy, "energy_tce")/>
            {choices}
        </FormDialog>
    }
}

/// Off the track, or back on it, with the reason.
#[component]
pub(super) fn SideStateForm(
    card: LeadCard,
    close: Callback<()>,
    done: Callback<i64>,
) -> impl IntoView {
    let words = use_words();
    let from = card.side_state;
    let options: Vec<Option<SideState>> = std::iter::once(None)
        .chain(SideState::SET.into_iter().map(Some))
        .filter(|state| *state != from)
        .collect();
    let to = RwSignal::new(options.first().copied().flatten());
    let reason = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let (lead_id, version) = (card.id, card.version);
    let send = Callback::new(move |()| {
        let change = SideStateChange {
            lead_id,
            version,
            to: to.get_untracked(),
            reason: reason.get_untracked(),
        };
        submit(
            pending,
            set_side_state(change),
            move |outcome| match outcome {
                Ok(version) => {
                    close.run(());
                    done.run(version);
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "reason"));
    view! {
        <FormDialog title=words.change_side_state() send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <div class="field">
                <label for="side-state">{words.side_state_word()}</label>
                <select class="input" id="side-state" on:change=move |event| to.set(SideState::from_key(&event_target_value(&event)))>
                    {options.into_iter().map(|state| view! {
                        <option value=state.map_or("", SideState::key)>{state.map_or_else(|| words.on_the_track(), |state| words.side_state(state))}</option>
                    }).collect_view()}
                </select>
            </div>
            <TextField id="side-reason" label=words.reason() value=reason error/>
            <p class="muted small">{words.side_state_hint()}</p>
        </FormDialog>
    }
}
