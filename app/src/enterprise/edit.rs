//! A company's fields, written by hand. Only what was altered is sent; imports leave it alone from then on.

use std::collections::BTreeMap;

use domain::{
    enterprise::{EnterpriseChange, EnterpriseField, EnterpriseForm, SOURCE_LIMIT, WRITTEN_FIELDS},
    problem::Problem,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    component::{FormDialog, Icon, Refusal, TextField, Typed, field_error, submit},
    error::{AppError, Encoded},
    words::{field_name, use_words},
};

/// A company as its form has it.
///
/// # Errors
/// The use case's problem.
#[server(name = EnterpriseFormRequest, prefix = "/api", endpoint = "enterprise_form", input = Json)]
pub async fn enterprise_form(id: i64) -> Result<Encoded<EnterpriseForm>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.enterprise_form(&actor, id).await)
}

/// Writes fields of a company; answers its new version.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeEnterpriseRequest, prefix = "/api", endpoint = "change_enterprise", input = Json)]
pub async fn change_enterprise(change: EnterpriseChange) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.change_enterprise(&actor, change).await)
}

/// Takes the own last change back; answers the new version.
///
/// # Errors
/// The use case's problem.
#[server(name = UndoEnterpriseChangeRequest, prefix = "/api", endpoint = "undo_enterprise_change", input = Json)]
pub async fn undo_enterprise_change(id: i64, version: i64) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.undo_enterprise_change(&actor, id, version).await)
}

/// Lines of a field's box; 1 for a field of one line.
const fn rows(field: EnterpriseField) -> u32 {
    match field {
        EnterpriseField::Products => 5,
        EnterpriseField::BusinessScope => 3,
        EnterpriseField::Tags | EnterpriseField::Sites => 2,
        _ => 1,
    }
}

#[component]
fn LongField(
    id: String,
    label: String,
    hint: &'static str,
    rows: u32,
    value: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    let is_wrong = move || error.with(Option::is_some);
    view! {
        <div class="field wide">
            <label for=id.clone()>{label}" "<span class="muted">{hint}</span></label>
            <textarea class="input" id=id rows=rows.to_string()
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

/// The form.
#[component]
pub(super) fn EditForm(
    form: EnterpriseForm,
    close: Callback<()>,
    done: Callback<i64>,
) -> impl IntoView {
    let words = use_words();
    let id = form.id;
    // After a refusal because somebody else wrote to it, a second try is on top of what they wrote.
    let version = RwSignal::new(form.version);
    let fields: Vec<(EnterpriseField, String, RwSignal<String>)> = WRITTEN_FIELDS
        .into_iter()
        .map(|field| {
            let text = form.cells.get(&field).cloned().unwrap_or_default();
            (field, text.clone(), RwSignal::new(text))
        })
        .collect();
    let source = RwSignal::new(String::new());
    let as_of = RwSignal::new(String::new());
    let is_local = RwSignal::new(form.is_local);
    let closed = RwSignal::new(form.closed);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let error = move |field: &'static str| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), field))
    };
    let inputs = fields
        .iter()
        .map(|(field, _, value)| {
            let (field, value) = (*field, *value);
            let id = format!("enterprise-{}", field.key());
            let label = field_name(words, field).to_owned();
            let error = error(field.key());
            if rows(field) > 1 {
                let hint = match field {
                    EnterpriseField::Products => words.products_by_line(),
                    EnterpriseField::Tags => words.tags_by_line(),
                    EnterpriseField::Sites => words.sites_by_line(),
                    _ => "",
                };
                return view! { <LongField id label hint rows=rows(field) value error/> }
                    .into_any();
            }
            let typed = match field {
                EnterpriseField::Revenue | EnterpriseField::Staff => Typed::Number,
                EnterpriseField::ListedOn => Typed::Date,
                _ => Typed::Text,
            };
            view! { <TextField id label value typed error/> }.into_any()
        })
        .collect_view();
    let altered = |flag: RwSignal<bool>, before: bool| {
        let now = flag.get_untracked();
        (now != before).then_some(now)
    };
    let send = Callback::new(move |()| {
        let cells: BTreeMap<EnterpriseField, String> = fields
            .iter()
            .filter_map(|(field, before, value)| {
                let now = value.get_untracked();
                (now.trim() != before.trim()).then_some((*field, now))
            })
            .collect();
        let change = EnterpriseChange {
            id,
            version: version.get_untracked(),
            cells,
            source: source.get_untracked(),
            as_of: as_of.get_untracked().parse().ok(),
            is_local: altered(is_local, form.is_local),
            closed: altered(closed, form.closed),
        };
        submit(
            pending,
            change_enterprise(change),
            move |outcome| match outcome {
                Ok(version) => {
                    close.run(());
                    done.run(version);
                }
                Err(AppError(refused)) => {
                    if let Problem::Stale { version: there, .. } = &refused {
                        version.set(*there);
                    }
                    problem.set(Some(refused));
                }
            },
        );
    });
    view! {
        <FormDialog title=words.change_company() send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <div class="company-form">
                {inputs}
                <TextField id="enterprise-source" label=words.known_from() value=source max=SOURCE_LIMIT error=error("source")/>
                <TextField id="enterprise-as-of" label=words.facts_of_day() value=as_of typed=Typed::Date error=error("as_of")/>
                <label class="check">
                    <input type="checkbox" prop:checked=move || is_local.get() on:change=move |event| is_local.set(event_target_checked(&event))/>
                    {words.company_is_local()}
                </label>
                <label class="check">
                    <input type="checkbox" prop:checked=move || closed.get() on:change=move |event| closed.set(event_target_checked(&event))/>
                    {words.company_is_closed()}
                </label>
                <p class="muted small wide">{words.by_hand_stays()}</p>
            </div>
        </FormDialog>
    }
}
