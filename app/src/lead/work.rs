//! What hangs on a lead: commitments, tasks, contacts, files, and what its chain would gain.

use chrono::NaiveDate;
use domain::{
    chain::NodeChange,
    lead::{
        Commitment, CommitmentForm, CommitmentState, Contact, ContactForm, FairCompetition,
        LeadFile, LeadGain, Reminder, Side, Task, TaskForm, WorkItem, WorkKind,
    },
    problem::Problem,
};
use leptos::prelude::*;

use super::{
    lead_choices, lead_gain, remove_work, restore_work, set_commitment_state, set_task_done,
    write_commitment, write_contact, write_task,
};
use crate::{
    component::{
        Bar, FormDialog, GapTag, Icon, ProblemNotice, Refusal, TextField, Toasts, Typed,
        field_error, load_part, submit, use_toasts,
    },
    error::AppError,
    format,
    words::{Locale, problem_sentence, use_words},
};

/// What a panel needs to know of the lead it stands beside.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub lead_id: i64,
    /// The zone's day.
    pub today: NaiveDate,
    pub may_write: bool,
    pub refetch: Callback<()>,
}

/// How far a day is, in words; and whether it is past.
pub(super) fn due(words: Locale, due_on: NaiveDate, today: NaiveDate) -> (String, bool) {
    match (due_on - today).num_days() {
        0 => (words.due_today().to_owned(), false),
        left @ 1.. => (words.days_until(left), false),
        over => (words.overdue_days(-over), true),
    }
}

/// One of a few, as a labelled choice.
fn choice(
    id: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
    chosen: RwSignal<&'static str>,
) -> impl IntoView {
    let known = options.clone();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select class="input" id=id on:change=move |event| {
                let value = event_target_value(&event);
                if let Some((key, _)) = known.iter().find(|(key, _)| *key == value) {
                    chosen.set(key);
                }
            }>
                {options.into_iter().map(|(key, word)| view! {
                    <option value=key selected=chosen.get_untracked() == key>{word}</option>
                }).collect_view()}
            </select>
        </div>
    }
}

/// What a form does when it is sent, and what it shows when it is refused.
#[derive(Clone, Copy)]
struct Sending {
    pending: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    close: Callback<()>,
    refetch: Callback<()>,
}

impl Sending {
    fn new(close: Callback<()>, refetch: Callback<()>) -> Self {
        Self {
            pending: RwSignal::new(false),
            problem: RwSignal::new(None),
            close,
            refetch,
        }
    }

    fn send<T: 'static>(self, work: impl Future<Output = Result<T, AppError>> + 'static) {
        submit(self.pending, work, move |outcome| match outcome {
            Ok(_) => {
                self.close.run(());
                self.refetch.run(());
            }
            Err(AppError(refused)) => self.problem.set(Some(refused)),
        });
    }

    fn error(self, field: &'static str) -> Signal<Option<String>> {
        let words = use_words();
        Signal::derive(move || field_error(words, self.problem.get().as_ref(), field))
    }

    /// The button that takes the thing off the lead.
    fn remove(self, item: WorkItem, name: String) -> AnyView {
        let words = use_words();
        let toasts = use_toasts();
        let remove = move |_| {
            let name = name.clone();
            submit(
                self.pending,
                remove_work(item),
                move |outcome| match outcome {
                    Ok(()) => {
                        toasts.done(words.removed_from_lead(name));
                        self.close.run(());
                        self.refetch.run(());
                    }
                    Err(AppError(refused)) => self.problem.set(Some(refused)),
                },
            );
        };
        view! {
            <div class="btns-row">
                <button type="button" class="btn small quiet" disabled=move || self.pending.get() on:click=remove>
                    <Icon name="i-x"/>{words.remove_word()}
                </button>
            </div>
        }
        .into_any()
    }
}

/// Says that something was taken off the lead, with the way to bring it back.
fn removed(toasts: Toasts, words: Locale, item: WorkItem, name: String, refetch: Callback<()>) {
    let back = name.clone();
    toasts.undoable(words.removed_from_lead(name), move || {
        let name = back.clone();
        submit(
            RwSignal::new(false),
            restore_work(item),
            move |outcome| match outcome {
                Ok(()) => {
                    toasts.done(words.restored_to_lead(name));
                    // The page may be another one by now.
                    let _ = refetch.try_run(());
                }
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    });
}

/// A panel's head with the way to add to it.
#[component]
fn Head(
    title: &'static str,
    #[prop(into)] sub: String,
    add: &'static str,
    may_write: bool,
    #[prop(into)] open: Callback<()>,
) -> impl IntoView {
    view! {
        <header>
            <h2>{title}</h2>
            <span class="sub">{sub}</span>
            {may_write.then(|| view! {
                <span class="end"><button type="button" class="btn small quiet" on:click=move |_| open.run(())>{add}</button></span>
            })}
        </header>
    }
}

#[component]
fn Nothing(text: &'static str) -> impl IntoView {
    view! { <p class="body muted small">{text}</p> }
}

/// 双方承诺.
#[component]
pub(super) fn Commitments(rows: Vec<Commitment>, desk: Desk) -> impl IntoView {
    let words = use_words();
    let form = RwSignal::new(None::<Option<Commitment>>);
    let is_overdue = |row: &Commitment| {
        row.state == CommitmentState::Open && row.due_on.is_some_and(|due_on| due_on < desk.today)
    };
    let overdue = rows.iter().filter(|row| is_overdue(row)).count();
    let sub = words.commitments_sub(rows.len(), overdue);
    let is_empty = rows.is_empty();
    let list = rows
        .into_iter()
        .map(|row| view! { <CommitmentLine row desk form/> })
        .collect_view();
    view! {
        <section class="panel" aria-label=words.commitments()>
            <Head title=words.commitments() sub add=words.add_commitment() may_write=desk.may_write open=move |()| form.set(Some(None))/>
            {if is_empty { view! { <Nothing text=words.no_commitment()/> }.into_any() } else { view! { <ul class="list com">{list}</ul> }.into_any() }}
            {move || form.get().map(|row| view! { <CommitmentDialog row desk close=Callback::new(move |()| form.set(None))/> })}
        </section>
    }
}

#[component]
fn CommitmentLine(
    row: Commitment,
    desk: Desk,
    form: RwSignal<Option<Option<Commitment>>>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let item = WorkItem {
        kind: WorkKind::Commitment,
        id: row.id,
        version: row.version,
    };
    let keep = move |_| {
        submit(
            pending,
            set_commitment_state(item, CommitmentState::Kept),
            move |outcome| match outcome {
                Ok(_) => desk.refetch.run(()),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    let is_open = row.state == CommitmentState::Open;
    let when = if is_open {
        row.due_on.map(|due_on| {
            let (text, is_past) = due(words, due_on, desk.today);
            if is_past {
                view! { <span class="badge" data-kind="danger">{text}</span> }.into_any()
            } else {
                view! { <span class="nowrap">{text}</span> }.into_any()
            }
        })
    } else {
        let class = if row.state == CommitmentState::Kept {
            "up nowrap"
        } else {
            "muted nowrap"
        };
        Some(view! { <span class=class>{words.commitment_state(row.state)}</span> }.into_any())
    };
    let review = match row.fair_competition {
        FairCompetition::Pending => Some(words.in_review()),
        FairCompetition::Failed => Some(words.review_failed()),
        FairCompetition::NotNeeded | FairCompetition::Passed => None,
    };
    let bars = row.bars_signing();
    let mut facts: Vec<String> = Vec::new();
    if !row.owner.is_empty() {
        facts.push(row.owner.clone());
    }
    if let Some(due_on) = row.due_on {
        facts.push(format::short_day(due_on));
    }
    let content = row.content.clone();
    let edited = row.clone();
    view! {
        <li>
            <span class="badge" data-kind=(row.side == Side::Theirs).then_some("info")>{words.commitment_side(row.side)}</span>
            {if desk.may_write {
                view! { <button type="button" class="text" on:click=move |_| form.set(Some(Some(edited.clone())))>{content}</button> }.into_any()
            } else {
                view! { <span>{content}</span> }.into_any()
            }}
            {when}
            <small>
                {facts.join("，")}
                {review.map(|review| view! { " "<span class="badge" data-kind="warn"><Icon name="i-warn"/>{review}</span> })}
                {bars.then(|| view! { " "{words.bars_contract()} })}
                {(desk.may_write && is_open).then(|| view! {
                    " "<button type="button" class="btn small quiet" disabled=move || pending.get() on:click=keep>{words.commitment_state(CommitmentState::Kept)}</button>
                })}
            </small>
        </li>
    }
}

#[component]
fn CommitmentDialog(row: Option<Commitment>, desk: Desk, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let sending = Sending::new(close, desk.refetch);
    let is_new = row.is_none();
    let side = RwSignal::new(row.as_ref().map_or(Side::Ours, |row| row.side).key());
    let content = RwSignal::new(
        row.as_ref()
            .map(|row| row.content.clone())
            .unwrap_or_default(),
    );
    let owner = RwSignal::new(
        row.as_ref()
            .map(|row| row.owner.clone())
            .unwrap_or_default(),
    );
    let day = RwSignal::new(
        row.as_ref()
            .and_then(|row| row.due_on)
            .map(|day| day.to_string())
            .unwrap_or_default(),
    );
    let review = RwSignal::new(
        row.as_ref()
            .map_or(FairCompetition::NotNeeded, |row| row.fair_competition)
            .key(),
    );
    let state = RwSignal::new(
        row.as_ref()
            .map_or(CommitmentState::Open, |row| row.state)
            .key(),
    );
    let changes = row.as_ref().map(|row| (row.id, row.version));
    let send = Callback::new(move |()| {
        let form = CommitmentForm {
            lead_id: desk.lead_id,
            changes,
            side: Side::from_key(side.get_untracked()).unwrap_or(Side::Ours),
            content: content.get_untracked(),
            owner: owner.get_untracked(),
            due_on: day.get_untracked().parse().ok(),
            fair_competition: FairCompetition::from_key(review.get_untracked()).unwrap_or_default(),
            state: (!is_new)
                .then(|| CommitmentState::from_key(state.get_untracked()))
                .flatten(),
        };
        sending.send(write_commitment(form));
    });
    let removal = row.map(|row| {
        let item = WorkItem {
            kind: WorkKind::Commitment,
            id: row.id,
            version: row.version,
        };
        sending.remove(item, row.content)
    });
    let title = if is_new {
        words.add_commitment()
    } else {
        words.edit_commitment()
    };
    view! {
        <FormDialog title send_word=words.save() close send is_blocked=sending.pending>
            <Refusal problem=sending.problem/>
            {choice("commitment-side", words.side_word(), Side::ALL.map(|side| (side.key(), words.commitment_side(side))).to_vec(), side)}
            <TextField id="commitment-content" label=words.commitment_word() value=content max=300 error=sending.error("content")/>
            <TextField id="commitment-owner" label=words.owner_of_commitment() value=owner max=80 error=sending.error("owner")/>
            <TextField id="commitment-due" label=words.due_word() value=day typed=Typed::Date error=sending.error("due_on")/>
            {move || (side.get() == Side::Ours.key()).then(|| choice("commitment-review", words.fair_competition_word(),
                FairCompetition::ALL.map(|review| (review.key(), words.fair_competition(review))).to_vec(), review))}
            {(!is_new).then(|| choice("commitment-state", words.side_state_word(),
                CommitmentState::ALL.map(|state| (state.key(), words.commitment_state(state))).to_vec(), state))}
            {removal}
        </FormDialog>
    }
}

/// 任务.
#[component]
pub(super) fn Tasks(rows: Vec<Task>, desk: Desk) -> impl IntoView {
    let words = use_words();
    let form = RwSignal::new(None::<Option<Task>>);
    let done = rows.iter().filter(|row| row.done_at.is_some()).count();
    let sub = words.tasks_done(done, rows.len());
    let is_empty = rows.is_empty();
    let list = rows
        .into_iter()
        .map(|row| view! { <TaskLine row desk form/> })
        .collect_view();
    view! {
        <section class="panel grows" aria-label=words.tasks()>
            <Head title=words.tasks() sub add=words.add_lead_task() may_write=desk.may_write open=move |()| form.set(Some(None))/>
            {if is_empty { view! { <Nothing text=words.no_lead_task()/> }.into_any() } else { view! { <ul class="list task">{list}</ul> }.into_any() }}
            {move || form.get().map(|row| view! { <TaskDialog row desk close=Callback::new(move |()| form.set(None))/> })}
        </section>
    }
}

#[component]
fn TaskLine(row: Task, desk: Desk, form: RwSignal<Option<Option<Task>>>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let is_done = row.done_at.is_some();
    let item = WorkItem {
        kind: WorkKind::Task,
        id: row.id,
        version: row.version,
    };
    let toggle = move |_| {
        submit(
            pending,
            set_task_done(item, !is_done),
            move |outcome| match outcome {
                Ok(_) => {
                    toasts.done(if is_done {
                        words.task_reopened()
                    } else {
                        words.task_is_done()
                    });
                    desk.refetch.run(());
                }
                Err(AppError(problem)) => {
                    toasts.failed(problem_sentence(words, &problem));
                    desk.refetch.run(());
                }
            },
        );
    };
    let is_late = !is_done && row.due_on < desk.today;
    let when = format!("{}，{}", row.owner_name, day_and_time(&row));
    let title = row.title.clone();
    let edited = row.clone();
    view! {
        <li>
            <label class="check">
                <input type="checkbox" aria-label=words.finish_task(&row.title) prop:checked=is_done checked=is_done
                    disabled=move || !desk.may_write || pending.get() on:change=toggle/>
            </label>
            {if desk.may_write {
                view! { <button type="button" class="text" class:muted=is_done on:click=move |_| form.set(Some(Some(edited.clone())))>{title}</button> }.into_any()
            } else {
                view! { <span class:muted=is_done>{title}</span> }.into_any()
            }}
            <span class="nowrap" class:muted=!is_late class:down=is_late>{when}</span>
        </li>
    }
}

/// 7-3 or 7-3 09:30.
fn day_and_time(task: &Task) -> String {
    let day = format::short_day(task.due_on);
    match task.due_minute {
        Some(minute) => format!("{day} {}", format::clock(minute)),
        None => day,
    }
}

/// The form of a task, on the lead's page and on Today.
#[component]
pub(super) fn TaskDialog(row: Option<Task>, desk: Desk, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let sending = Sending::new(close, desk.refetch);
    let is_new = row.is_none();
    let title = RwSignal::new(
        row.as_ref()
            .map(|row| row.title.clone())
            .unwrap_or_default(),
    );
    let day = RwSignal::new(
        row.as_ref()
            .map_or(desk.today, |row| row.due_on)
            .to_string(),
    );
    let time = RwSignal::new(
        row.as_ref()
            .and_then(|row| row.due_minute)
            .map(format::clock)
            .unwrap_or_default(),
    );
    let reminder = RwSignal::new(
        row.as_ref()
            .map_or(Reminder::SameDay, |row| row.reminder)
            .key(),
    );
    let owner = RwSignal::new(row.as_ref().map(|row| row.owner_id));
    let owner_name = row.as_ref().map(|row| row.owner_name.clone());
    let changes = row.as_ref().map(|row| (row.id, row.version));
    let day_error = sending.error("due_on");
    let wrong_day = Signal::derive(move || {
        if day.with(|day| day.parse::<NaiveDate>().is_err()) {
            return Some(words.field_problem(&domain::problem::FieldProblemKind::NotADate));
        }
        day_error.get()
    });
    let send = Callback::new(move |()| {
        let Ok(due_on) = day.get_untracked().parse() else {
            return;
        };
        let form = TaskForm {
            lead_id: desk.lead_id,
            changes,
            title: title.get_untracked(),
            due_on,
            due_minute: format::minute_of(&time.get_untracked()),
            reminder: Reminder::from_key(reminder.get_untracked()).unwrap_or_default(),
            owner_id: owner.get_untracked(),
        };
        sending.send(write_task(form));
    });
    let removal = row.map(|row| {
        let item = WorkItem {
            kind: WorkKind::Task,
            id: row.id,
            version: row.version,
        };
        sending.remove(item, row.title)
    });
    let people = load_part(
        move || desk.lead_id,
        lead_choices,
        move |choices, _| {
            let first = owner_name
                .clone()
                .unwrap_or_else(|| words.my_leads().to_owned());
            let now = owner.get_untracked();
            view! {
                <div class="field">
                    <label for="task-owner">{words.owner()}</label>
                    <select class="input" id="task-owner" on:change=move |event| owner.set(event_target_value(&event).parse().ok().or(now))>
                        <option value="">{first}</option>
                        {choices.owners.into_iter().filter(|(id, _)| Some(*id) != now).map(|(id, name)| view! {
                            <option value=id.to_string()>{name}</option>
                        }).collect_view()}
                    </select>
                </div>
            }
            .into_any()
        },
        || view! { <p class="muted small" role="status">"…"</p> }.into_any(),
        // A delegate writes tasks but hands them to nobody.
        |_| ().into_any(),
    );
    let heading = if is_new {
        words.add_lead_task()
    } else {
        words.edit_task()
    };
    view! {
        <FormDialog title=heading send_word=words.save() close send is_blocked=sending.pending>
            <Refusal problem=sending.problem/>
            <TextField id="task-title" label=words.task_word() value=title max=300 error=sending.error("title")/>
            <TextField id="task-day" label=words.due_word() value=day typed=Typed::Date error=wrong_day/>
            <div class="field">
                <label for="task-time">{words.time_word()}</label>
                <input class="input" id="task-time" type="time" prop:value=move || time.get() on:input=move |event| time.set(event_target_value(&event))/>
            </div>
            {choice("task-reminder", words.reminder_word(), Reminder::ALL.map(|reminder| (reminder.key(), words.reminder(reminder))).to_vec(), reminder)}
            {people}
            {removal}
        </FormDialog>
    }
}

/// 联系人.
#[component]
pub(super) fn Contacts(rows: Vec<Contact>, desk: Desk) -> impl IntoView {
    let words = use_words();
    let form = RwSignal::new(None::<Option<Contact>>);
    let is_empty = rows.is_empty();
    let list = rows
        .into_iter()
        .map(|row| {
            let name = row.name.clone();
            let edited = row.clone();
            let digits = format::dialled(&row.phone);
            view! {
                <tr>
                    <td>{if desk.may_write {
                        view! { <button type="button" class="text" on:click=move |_| form.set(Some(Some(edited.clone())))>{name.clone()}</button> }.into_any()
                    } else {
                        view! { {name.clone()} }.into_any()
                    }}</td>
                    <td class="muted">{row.position}</td>
                    <td class="nowrap num">
                        {if digits.is_empty() {
                            view! { <span class="muted">{words.no_number()}</span> }.into_any()
                        } else {
                            view! { <a href=format!("tel:{digits}") title=row.phone.clone() aria-label=words.call_number(&name)><Icon name="i-phone"/></a> }.into_any()
                        }}
                        {(!row.email.is_empty()).then(|| view! {
                            " "<a href=format!("mailto:{}", row.email) title=row.email.clone() aria-label=words.write_to(&name)><Icon name="i-note"/></a>
                        })}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-label=words.contacts()>
            <Head title=words.contacts() sub="" add=words.add_contact() may_write=desk.may_write open=move |()| form.set(Some(None))/>
            {if is_empty { view! { <Nothing text=words.no_contact()/> }.into_any() } else {
                view! { <table class="table dense"><tbody>{list}</tbody></table> }.into_any()
            }}
            {move || form.get().map(|row| view! { <ContactDialog row desk close=Callback::new(move |()| form.set(None))/> })}
        </section>
    }
}

#[component]
fn ContactDialog(row: Option<Contact>, desk: Desk, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let sending = Sending::new(close, desk.refetch);
    let heading = if row.is_none() {
        words.add_contact()
    } else {
        words.edit_contact()
    };
    let old = row.clone().unwrap_or_default();
    let name = RwSignal::new(old.name);
    let position = RwSignal::new(old.position);
    let phone = RwSignal::new(old.phone);
    let email = RwSignal::new(old.email);
    let changes = row.as_ref().map(|row| (row.id, row.version));
    let send = Callback::new(move |()| {
        let form = ContactForm {
            lead_id: desk.lead_id,
            changes,
            name: name.get_untracked(),
            position: position.get_untracked(),
            phone: phone.get_untracked(),
            email: email.get_untracked(),
        };
        sending.send(write_contact(form));
    });
    let removal = row.map(|row| {
        let item = WorkItem {
            kind: WorkKind::Contact,
            id: row.id,
            version: row.version,
        };
        sending.remove(item, row.name)
    });
    view! {
        <FormDialog title=heading send_word=words.save() close send is_blocked=sending.pending>
            <Refusal problem=sending.problem/>
            <TextField id="contact-name" label=words.person_name() value=name max=80 error=sending.error("name")/>
            <TextField id="contact-position" label=words.position_word() value=position max=80 error=sending.error("position")/>
            <TextField id="contact-phone" label=words.phone_word() value=phone max=80 error=sending.error("phone")/>
            <TextField id="contact-email" label=words.email_word() value=email max=80 error=sending.error("email")/>
            {removal}
        </FormDialog>
    }
}

/// 材料. The form works without a script, too.
#[component]
pub(super) fn Files(rows: Vec<LeadFile>, desk: Desk) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let Desk {
        lead_id,
        may_write,
        refetch,
        ..
    } = desk;
    let count = rows.len();
    let list = rows
        .into_iter()
        .map(|file| {
            let item = WorkItem { kind: WorkKind::File, id: file.id, version: 0 };
            let name = file.name.clone();
            let remove = move |_| {
                let name = name.clone();
                submit(pending, remove_work(item), move |outcome| match outcome {
                    Ok(()) => {
                        removed(toasts, words, item, name, refetch);
                        refetch.run(());
                    }
                    Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
                });
            };
            let label = format!("{} {}", words.remove_word(), file.name);
            view! {
                <li class="file">
                    <a href=format!("/leads/{lead_id}/files/{}", file.id) rel="external" download="">{file.name}</a>
                    {may_write.then(|| view! {
                        <button type="button" class="btn small quiet icon" aria-label=label disabled=move || pending.get() on:click=remove><Icon name="i-x"/></button>
                    })}
                    <small>{file.by}"，"{format::day(file.added_at)}"，"{format::size(file.size)}</small>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-label=words.files()>
            <header><h2>{words.files()}</h2><span class="sub">{(count > 0).then(|| count.to_string())}</span></header>
            {if count == 0 { view! { <Nothing text=words.no_file()/> }.into_any() } else { view! { <ul class="list">{list}</ul> }.into_any() }}
            {may_write.then(|| view! {
                <form class="quick" method="post" action=format!("/leads/{lead_id}/files") enctype="multipart/form-data">
                    <input class="input" type="file" name="file" required=true aria-label=words.files()/>
                    <button type="submit" class="btn">{words.add_file()}</button>
                </form>
            })}
        </section>
    }
}

/// What becomes of the gap when the lead is built.
///
/// The chain is scored anew for it, which the rest of the page does not wait for: it is asked for once the page is there.
#[component]
pub(super) fn Gain(lead_id: i64) -> impl IntoView {
    let is_there = RwSignal::new(false);
    Effect::new(move |_| is_there.set(true));
    move || {
        if !is_there.get() {
            return gain_waiting();
        }
        load_part(
            move || lead_id,
            lead_gain,
            |gain, _| view! { <GainPanel gain/> }.into_any(),
            gain_waiting,
            |error| view! { <ProblemNotice problem=error.0/> }.into_any(),
        )
    }
}

fn gain_waiting() -> AnyView {
    let words = use_words();
    view! {
        <section class="panel"><header><h2>{words.gain_title()}</h2></header><p class="body muted small" role="status">"…"</p></section>
    }
    .into_any()
}

#[component]
fn GainPanel(gain: Option<LeadGain>) -> impl IntoView {
    let words = use_words();
    let Some(gain) = gain else {
        return view! {
            <section class="panel"><header><h2>{words.gain_title()}</h2></header><Nothing text=words.no_gain()/></section>
        }
        .into_any();
    };
    let (name, own) = gain.node;
    let others = gain
        .others
        .into_iter()
        .map(|(name, change)| {
            let score = span(change.score_before, change.score_after, 1);
            view! { <Change name=format!("{name} G {score}") change/> }
        })
        .collect_view();
    view! {
        <section class="panel">
            <header>
                <h2>{words.gain_title()}</h2>
                <span class="end"><a href=format!("/chains/{}/what-if", gain.chain_id)>{words.what_if()}</a></span>
            </header>
            <div class="body stack">
                <Change name change=own.clone()/>
                <div class="ba">
                    <span>{words.cover_word()}</span><Bar value=own.cover_after/><span class="num">{span(own.cover_before, own.cover_after, 2)}</span>
                    <span>{words.gap_score_word()}</span><Bar value=own.score_after.map(|score| score / 100.0)/><span class="num">{span(own.score_before, own.score_after, 1)}</span>
                </div>
                {others}
                <p class="small muted">{words.gain_note(format::yi(gain.output_wan))}"。"
                    {gain.next.map(|(name, _, score)| words.gain_next(name, format!("{score:.1}")))}</p>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Change(name: String, change: NodeChange) -> impl IntoView {
    view! {
        <div class="row">
            <GapTag class=change.class_before/>
            {(change.class_before != change.class_after).then(|| view! { <span class="muted">"→"</span><GapTag class=change.class_after/> })}
            <span class="end-x">{name}</span>
        </div>
    }
}

/// Before and after; a dash for what is not known or not there.
fn span(before: Option<f64>, after: Option<f64>, places: usize) -> String {
    let text = |value: Option<f64>| {
        value.map_or_else(|| "—".to_owned(), |value| format!("{value:.places$}"))
    };
    let (before, after) = (text(before), text(after));
    if before == after {
        after
    } else {
        format!("{before} → {after}")
    }
}
