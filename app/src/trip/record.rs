//! A visit written down in a minute.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    lead::Side,
    problem::{FieldProblemKind, Problem},
    trip::{
        Brief, MOST_INTEREST, VISIT_PHOTOS, VisitCommitment, VisitForm, VisitOutcome, VisitPerson,
        VisitPhoto,
    },
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    outbox::{self, Draft, Waiting},
    road::{Desk, Layer, zone_today},
};
use crate::{
    component::{Icon, field_error},
    format,
    words::{Locale, use_words},
};

/// Somebody who is met for the first time.
#[derive(Clone, Copy)]
struct NewPerson {
    key: u32,
    name: RwSignal<String>,
    position: RwSignal<String>,
    phone: RwSignal<String>,
}

/// A promise as it is typed.
#[derive(Clone, Copy)]
struct Promise {
    key: u32,
    side: RwSignal<Side>,
    content: RwSignal<String>,
    owner: RwSignal<String>,
    due_on: RwSignal<String>,
    needs_review: RwSignal<bool>,
}

/// The form as it is typed.
#[derive(Clone, Copy)]
struct Typed {
    outcome: RwSignal<Option<VisitOutcome>>,
    met: RwSignal<BTreeSet<String>>,
    people: RwSignal<Vec<NewPerson>>,
    interest: RwSignal<Option<u8>>,
    promises: RwSignal<Vec<Promise>>,
    remark: RwSignal<String>,
    next_step: RwSignal<String>,
    next_on: RwSignal<String>,
    visited_on: RwSignal<String>,
    photos: RwSignal<Vec<VisitPhoto>>,
    next_key: StoredValue<u32>,
}

impl Typed {
    fn key(self) -> u32 {
        let key = self.next_key.get_value();
        self.next_key.set_value(key + 1);
        key
    }

    fn add_person(self, person: &VisitPerson) {
        let row = NewPerson {
            key: self.key(),
            name: RwSignal::new(person.name.clone()),
            position: RwSignal::new(person.position.clone()),
            phone: RwSignal::new(person.phone.clone()),
        };
        self.people.update(|people| people.push(row));
    }

    fn add_promise(self, promise: Option<&VisitCommitment>) {
        let row = Promise {
            key: self.key(),
            side: RwSignal::new(promise.map_or(Side::Theirs, |promise| promise.side)),
            content: RwSignal::new(promise.map(|one| one.content.clone()).unwrap_or_default()),
            owner: RwSignal::new(promise.map(|one| one.owner.clone()).unwrap_or_default()),
            due_on: RwSignal::new(
                promise
                    .and_then(|one| one.due_on)
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
            ),
            needs_review: RwSignal::new(promise.is_some_and(|one| one.needs_review)),
        };
        self.promises.update(|promises| promises.push(row));
    }

    /// Begins with what was written before, or empty.
    fn new(brief: &Brief, draft: Option<&Draft>, photos: Vec<VisitPhoto>) -> Self {
        let before = draft.map(|draft| &draft.visit);
        let known: BTreeSet<&str> = brief.people.iter().map(|one| one.name.as_str()).collect();
        let day = before.map_or_else(|| brief.date.min(zone_today()), |form| form.visited_on);
        let typed = Self {
            outcome: RwSignal::new(draft.and_then(|draft| draft.outcome)),
            met: RwSignal::new(
                before
                    .into_iter()
                    .flat_map(|form| &form.people)
                    .filter(|one| known.contains(one.name.as_str()))
                    .map(|one| one.name.clone())
                    .collect(),
            ),
            people: RwSignal::new(Vec::new()),
            interest: RwSignal::new(before.and_then(|form| form.interest)),
            promises: RwSignal::new(Vec::new()),
            remark: RwSignal::new(before.map(|form| form.remark.clone()).unwrap_or_default()),
            next_step: RwSignal::new(
                before
                    .map(|form| form.next_step.clone())
                    .unwrap_or_default(),
            ),
            next_on: RwSignal::new(
                before
                    .and_then(|form| form.next_on)
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
            ),
            visited_on: RwSignal::new(day.to_string()),
            photos: RwSignal::new(photos),
            next_key: StoredValue::new(0),
        };
        for person in before.into_iter().flat_map(|form| &form.people) {
            if !known.contains(person.name.as_str()) {
                typed.add_person(person);
            }
        }
        for promise in before.into_iter().flat_map(|form| &form.commitments) {
            typed.add_promise(Some(promise));
        }
        typed
    }

    /// The visit as typed; an outcome that nobody has chosen is "again" until it is asked for.
    fn form(self, brief: &Brief) -> VisitForm {
        let day = |text: String| text.parse::<NaiveDate>().ok();
        let met = self.met.get();
        let known = brief
            .people
            .iter()
            .filter(|one| met.contains(&one.name))
            .map(|one| VisitPerson {
                name: one.name.clone(),
                position: one.position.clone(),
                phone: one.phone.clone(),
            });
        let added = self.people.get().into_iter().map(|one| VisitPerson {
            name: one.name.get(),
            position: one.position.get(),
            phone: one.phone.get(),
        });
        let commitments = self
            .promises
            .get()
            .into_iter()
            .map(|one| VisitCommitment {
                side: one.side.get(),
                content: one.content.get(),
                owner: one.owner.get(),
                due_on: day(one.due_on.get()),
                needs_review: one.needs_review.get(),
            })
            .collect();
        VisitForm {
            mark: String::new(),
            enterprise_id: brief.enterprise_id,
            visited_on: day(self.visited_on.get()).unwrap_or(brief.date),
            begin_minute: brief.begin_minute,
            written_at: outbox::now(),
            outcome: self.outcome.get().unwrap_or(VisitOutcome::Again),
            people: known.chain(added).collect(),
            interest: self.interest.get(),
            commitments,
            remark: self.remark.get(),
            next_step: self.next_step.get(),
            next_on: day(self.next_on.get()),
            account_id: None,
            beside_another: false,
        }
    }
}

/// One line of text on the phone.
fn line(
    id: String,
    label: &'static str,
    value: RwSignal<String>,
    kind: &'static str,
    error: Memo<Option<String>>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    view! {
        <label class="line">
            <span class="vh">{label}</span>
            <input class="input" id=id type=kind placeholder=label autocomplete="off"
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=error_id.clone()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))/>
            <span id=error_id>{move || error.get().map(|text| view! { <span class="error">{text}</span> })}</span>
        </label>
    }
}

/// The form of a visit.
#[component]
pub(super) fn RecordSheet(
    brief: Brief,
    /// What waits already and is mended.
    mended: Option<Waiting>,
    trip_id: i64,
    /// The trip's name.
    trip: StoredValue<String>,
    account_id: i64,
    desk: Desk,
    /// Sends what waits.
    send: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let name = brief.name.clone();
    // Half a form outlasts a phone that rings, and a page that is closed.
    let old_mark = mended.as_ref().map(|row| row.visit.mark.clone());
    let draft_key = old_mark.as_deref().map_or_else(
        || outbox::draft_key(account_id, trip_id, brief.enterprise_id),
        outbox::mending_key,
    );
    let draft = outbox::draft(&draft_key).or_else(|| {
        let visit = mended.as_ref()?.visit.clone();
        Some(Draft {
            outcome: Some(visit.outcome),
            visit,
        })
    });
    let photos = mended
        .as_ref()
        .map(|row| row.photos.clone())
        .unwrap_or_default();
    let typed = Typed::new(&brief, draft.as_ref(), photos);
    let brief = StoredValue::new(brief);
    let mended = StoredValue::new(mended);
    {
        let draft_key = draft_key.clone();
        let first = typed.photos.get_untracked();
        spawn_local(async move {
            if let Some(photos) = outbox::photos(&draft_key).await {
                // What was taken meanwhile stays.
                let is_untouched = typed.photos.try_with_untracked(|own| *own == first);
                if is_untouched == Some(true) {
                    let _ = typed.photos.try_set(photos);
                }
            }
        });
    }
    let key = StoredValue::new(draft_key);
    let problem = RwSignal::new(None::<Problem>);
    let pending = RwSignal::new(false);
    // Files of which photos are being made: what is not ready would be left behind.
    let reading = RwSignal::new(0_usize);
    let error =
        move |field: String| Memo::new(move |_| field_error(words, problem.get().as_ref(), &field));
    Effect::new(move |first: Option<()>| {
        let draft = Draft {
            outcome: typed.outcome.get(),
            visit: brief.with_value(|brief| typed.form(brief)),
        };
        if first.is_some() {
            key.with_value(|key| outbox::keep_draft(key, &draft));
        }
    });
    Effect::new(move |first: Option<()>| {
        let photos = typed.photos.get();
        if first.is_some() {
            let key = key.get_value();
            spawn_local(async move { outbox::keep_photos(&key, &photos).await });
        }
    });
    let save = move || {
        if pending.get_untracked() || reading.get_untracked() > 0 {
            return;
        }
        let mut form = untrack(|| brief.with_value(|brief| typed.form(brief)));
        form.tidy();
        let old = mended.get_value();
        // Never the old mark: if that one has arrived meanwhile, the server shows both, and neither is lost.
        form.mark = outbox::mark();
        let mut fields = form.problems(zone_today());
        if typed.outcome.get_untracked().is_none() {
            fields.insert(
                0,
                domain::problem::FieldProblem::new("outcome", FieldProblemKind::Required),
            );
        }
        if !fields.is_empty() {
            problem.set(Some(Problem::Invalid { fields }));
            return;
        }
        let name = brief.with_value(|brief| brief.name.clone());
        let row = Waiting {
            trip_id,
            account_id,
            name: name.clone(),
            kept_at: old
                .as_ref()
                .map_or_else(outbox::milliseconds, |row| row.kept_at),
            visit: form,
            photos: typed.photos.get_untracked(),
            refused: None,
            trip: trip.get_value(),
            draft: None,
            replaces: None,
        };
        let key = key.get_value();
        let old_mark = old.map(|row| row.visit.mark);
        pending.set(true);
        spawn_local(async move {
            let is_kept = outbox::keep(&row).await;
            if !is_kept && !outbox::is_online() {
                let _ = pending.try_set(false);
                desk.toasts.failed(words.cannot_keep());
                return;
            }
            if let Some(mark) = &old_mark {
                desk.outbox.take(mark);
            }
            if is_kept {
                desk.outbox.put(row);
                // With a network it is on its way, and the next message says that it has arrived.
                if !outbox::is_online() {
                    desk.toasts.done(words.kept_visit(&name));
                }
            } else {
                // In memory alone until it has arrived: so long the draft stays, and the one that it stands for.
                desk.outbox.put(Waiting {
                    draft: Some(key.clone()),
                    replaces: old_mark.clone(),
                    ..row
                });
                desk.toasts.failed(words.kept_in_memory(&name));
            }
            send.try_run(());
            let _ = desk.above.try_set(None);
            if is_kept {
                if let Some(mark) = old_mark {
                    outbox::forget(&mark).await;
                }
                outbox::forget_draft(&key).await;
            }
        });
    };
    let outcomes = VisitOutcome::ALL
        .map(|outcome| {
            view! {
                <label>
                    <input type="radio" name="outcome" prop:checked=move || typed.outcome.get() == Some(outcome)
                        on:change=move |_| typed.outcome.set(Some(outcome))/>
                    {words.visit_outcome(outcome)}
                </label>
            }
        })
        .into_iter()
        .collect_view();
    let interests = (1..=MOST_INTEREST)
        .map(|interest| {
            view! {
                <label>
                    <input type="radio" name="interest" prop:checked=move || typed.interest.get() == Some(interest)
                        on:change=move |_| typed.interest.set(Some(interest))/>
                    {interest}
                </label>
            }
        })
        .collect_view();
    let chips = brief.with_value(|brief| {
        brief
            .people
            .iter()
            .map(|person| {
                let own = StoredValue::new(person.name.clone());
                let is_met = move || {
                    typed
                        .met
                        .with(|met| own.with_value(|own| met.contains(own)))
                };
                view! {
                    <button type="button" class="chip" aria-pressed=move || is_met().to_string()
                        on:click=move |_| typed.met.update(|met| {
                            let own = own.get_value();
                            if !met.remove(&own) { met.insert(own); }
                        })>
                        {move || is_met().then(|| view! { <Icon name="i-check"/> })}
                        {person.name.clone()}
                    </button>
                }
            })
            .collect_view()
    });
    let last = brief.with_value(|brief| {
        brief
            .past
            .iter()
            .find_map(|meeting| meeting.visit.as_ref()?.interest)
    });
    let take_photos = move |event: leptos::ev::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        let files: Vec<web_sys::File> = input
            .files()
            .map(|files| {
                (0..files.length())
                    .filter_map(|place| files.item(place))
                    .collect()
            })
            .unwrap_or_default();
        reading.update(|count| *count += 1);
        spawn_local(async move {
            for file in files {
                if typed.photos.try_with_untracked(Vec::len).unwrap_or(0) >= VISIT_PHOTOS {
                    desk.toasts.failed(words.too_many_photos(VISIT_PHOTOS));
                    break;
                }
                match outbox::photo(&file).await {
                    Some(content) => {
                        let name = file.name();
                        let stem = name
                            .rsplit_once('.')
                            .map_or(name.as_str(), |(stem, _)| stem);
                        let photo = VisitPhoto {
                            name: format!("{stem}.jpg"),
                            content,
                        };
                        let _ = typed.photos.try_update(|photos| photos.push(photo));
                    }
                    None => desk.toasts.failed(words.photo_unread()),
                }
            }
            input.set_value("");
            let _ = reading.try_update(|count| *count -= 1);
        });
    };
    let sub = brief.with_value(|brief| {
        format!(
            "{name}，{} {}",
            format::short_day(brief.date),
            format::clock(brief.begin_minute)
        )
    });
    view! {
        <Layer title=words.visit_record() sub desk>
            <form class="f" id="visit-form" novalidate on:submit=move |event| { event.prevent_default(); save(); }>
                <div>
                    <p class="l"><span>{words.outcome_word()}</span></p>
                    <div class="seg" role="radiogroup" aria-label=words.outcome_word()>{outcomes}</div>
                    {move || error_line(words, problem, "outcome")}
                </div>
                <div>
                    <p class="l"><span>{words.whom_met()}</span>
                        <button type="button" class="text" on:click=move |_| typed.add_person(&VisitPerson::default())>{words.add_person()}</button></p>
                    <div class="ppl">{chips}</div>
                    <For each=move || typed.people.get() key=|row| row.key let:row>
                        {
                            let place = Memo::new(move |_| place_of(typed, brief, row.key));
                            let wrong = move |part: &'static str| Memo::new(move |_| {
                                field_error(words, problem.get().as_ref(), &format!("people.{}.{part}", place.get()))
                            });
                            view! {
                                <div class="added">
                                    {line(format!("person-{}-name", row.key), words.name_word(), row.name, "text", wrong("name"))}
                                    {line(format!("person-{}-position", row.key), words.position_word(), row.position, "text", wrong("position"))}
                                    {line(format!("person-{}-phone", row.key), words.phone_word(), row.phone, "tel", wrong("phone"))}
                                    <button type="button" class="btn icon" aria-label=words.remove_word()
                                        on:click=move |_| typed.people.update(|rows| rows.retain(|one| one.key != row.key))><Icon name="i-x"/></button>
                                </div>
                            }
                        }
                    </For>
                </div>
                <div>
                    <p class="l"><span>{words.interest_word()}</span><span class="muted">{last.map_or_else(|| words.interest_of_five().to_owned(), |last| words.last_interest(last))}</span></p>
                    <div class="seg" role="radiogroup" aria-label=format!("{} {}", words.interest_word(), words.interest_of_five())>{interests}</div>
                </div>
                <div>
                    <p class="l"><span>{words.promises_word()}</span><span class="muted">{words.who_what_when()}</span></p>
                    <For each=move || typed.promises.get() key=|row| row.key let:row>
                        {
                            let place = Memo::new(move |_| typed.promises.with(|rows| rows.iter().position(|one| one.key == row.key)).unwrap_or(0));
                            let wrong = move |part: &'static str| Memo::new(move |_| {
                                field_error(words, problem.get().as_ref(), &format!("commitments.{}.{part}", place.get()))
                            });
                            view! {
                                <div class="added promise">
                                    <div class="seg" role="radiogroup" aria-label=words.side_word()>
                                        {Side::ALL.map(|side| view! {
                                            <label><input type="radio" name=format!("side-{}", row.key) prop:checked=move || row.side.get() == side
                                                on:change=move |_| row.side.set(side)/>{words.commitment_side(side)}</label>
                                        }).into_iter().collect_view()}
                                    </div>
                                    {line(format!("promise-{}-content", row.key), words.promise_content(), row.content, "text", wrong("content"))}
                                    {line(format!("promise-{}-owner", row.key), words.promise_owner(), row.owner, "text", wrong("owner"))}
                                    {line(format!("promise-{}-due", row.key), words.due_word(), row.due_on, "date", wrong("due_on"))}
                                    {move || (row.side.get() == Side::Ours).then(|| view! {
                                        <label class="check"><input type="checkbox" prop:checked=move || row.needs_review.get()
                                            on:change=move |event| row.needs_review.set(event_target_checked(&event))/>{words.needs_review()}</label>
                                    })}
                                    <button type="button" class="btn icon" aria-label=words.remove_word()
                                        on:click=move |_| typed.promises.update(|rows| rows.retain(|one| one.key != row.key))><Icon name="i-x"/></button>
                                </div>
                            }
                        }
                    </For>
                    <button type="button" class="btn" on:click=move |_| typed.add_promise(None)><Icon name="i-plus"/>{words.add_line()}</button>
                </div>
                <div>
                    <p class="l"><label for="visit-remark">{words.one_sentence()}</label></p>
                    <textarea class="textarea" id="visit-remark" rows="2" prop:value=move || typed.remark.get()
                        on:input=move |event| typed.remark.set(event_target_value(&event))></textarea>
                    {move || error_line(words, problem, "remark")}
                </div>
                <div class="med">
                    <label class="btn">
                        <Icon name="i-cam"/>{move || if typed.photos.with(Vec::is_empty) { words.take_photo().to_owned() } else { words.photo_word(typed.photos.with(Vec::len)) }}
                        <input class="vh" type="file" accept="image/*" multiple on:change=take_photos/>
                    </label>
                    {move || (!typed.photos.with(Vec::is_empty)).then(|| view! {
                        <button type="button" class="btn" on:click=move |_| typed.photos.update(|photos| { photos.pop(); })><Icon name="i-x"/>{words.remove_word()}</button>
                    })}
                </div>
                <div class="thumbs">
                    {move || typed.photos.with(|photos| photos.iter().map(|photo| view! { <img src=photo.content.clone() alt=photo.name.clone()/> }).collect_view())}
                </div>
                <div>
                    <p class="l"><span>{words.next_step()}</span></p>
                    <div class="added">
                        {line("visit-next-step".to_owned(), words.next_step_hint(), typed.next_step, "text", error("next_step".to_owned()))}
                        {line("visit-next-on".to_owned(), words.due_word(), typed.next_on, "date", error("next_on".to_owned()))}
                    </div>
                </div>
                <div>
                    <p class="l"><span>{words.date_word()}</span></p>
                    {line("visit-day".to_owned(), words.date_word(), typed.visited_on, "date", error("visited_on".to_owned()))}
                </div>
            </form>
            <footer>
                <button type="submit" form="visit-form" class="btn primary" disabled=move || pending.get() || reading.get() != 0>
                    {move || if reading.get() == 0 { words.keep_word() } else { words.reading_photos() }}
                </button>
                <p>{words.kept_offline_hint()}</p>
            </footer>
        </Layer>
    }
}

/// The place of a new person among all people of the form: those who were known come first.
fn place_of(typed: Typed, brief: StoredValue<Brief>, key: u32) -> usize {
    let known = brief.with_value(|brief| {
        typed.met.with(|met| {
            brief
                .people
                .iter()
                .filter(|one| met.contains(&one.name))
                .count()
        })
    });
    let own = typed
        .people
        .with(|rows| rows.iter().position(|one| one.key == key))
        .unwrap_or(0);
    known + own
}

fn error_line(
    words: Locale,
    problem: RwSignal<Option<Problem>>,
    field: &'static str,
) -> impl IntoView {
    field_error(words, problem.get().as_ref(), field)
        .map(|text| view! { <span class="error" role="alert"><Icon name="i-warn"/>{text}</span> })
}
