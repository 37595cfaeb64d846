//! Forms of a planned trip: its teams and days, and more companies.

use std::collections::BTreeSet;

use domain::{
    city,
    problem::Problem,
    trip::{
        ChosenCandidate, HoldFrame, NightFrame, TRIP_DAYS, TRIP_TEAMS, TeamFrame,
        TripCandidatesChange, TripChoices, TripFrame, TripFrameChange, read_ways, ways_text,
    },
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    change_trip_candidates, change_trip_frame,
    form::{Cities, Pool},
    planner::{Planner, read},
    timeline::team_name,
    trip_choices,
};
use crate::{
    component::{FormDialog, Icon, Refusal, TextField, Typed, field_error, load_part, submit},
    error::AppError,
    format,
    words::{Locale, problem_sentence, use_words},
};

/// A team as it is typed.
#[derive(Clone, Copy)]
struct TypedTeam {
    name: RwSignal<String>,
    people: RwSignal<String>,
    start: RwSignal<String>,
    end: RwSignal<String>,
    nights: RwSignal<String>,
    /// Its number before the change; `None` for a new one.
    former: Option<u8>,
}

impl TypedTeam {
    fn new(team: &TeamFrame, former: Option<u8>) -> Self {
        let nights: Vec<String> = team
            .nights
            .iter()
            .map(|night| format!("{} {}", night.day + 1, night.city))
            .collect();
        Self {
            name: RwSignal::new(team.name.clone()),
            people: RwSignal::new(team.people.join("、")),
            start: RwSignal::new(team.start_city.clone()),
            end: RwSignal::new(team.end_city.clone()),
            nights: RwSignal::new(nights.join("、")),
            former,
        }
    }

    fn team(self) -> TeamFrame {
        TeamFrame {
            name: self.name.get_untracked().trim().to_owned(),
            people: parts(&self.people.get_untracked()),
            start_city: self.start.get_untracked().trim().to_owned(),
            end_city: self.end.get_untracked().trim().to_owned(),
            nights: parts(&self.nights.get_untracked())
                .iter()
                .map(|night| typed_night(night))
                .collect(),
        }
    }
}

/// What stands between commas of either kind.
fn parts(text: &str) -> Vec<String> {
    text.split(['、', '，', ',', ';', '；'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A night as it is typed: the number of its day, then the city. What is no number is a day that no trip has, which
/// the server refuses with the field's name.
fn typed_night(text: &str) -> NightFrame {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let city = text
        .trim_start_matches(|character: char| character.is_ascii_digit())
        .trim_start_matches([' ', ':', '：'])
        .trim();
    NightFrame {
        day: digits
            .parse::<u8>()
            .ok()
            .and_then(|day| day.checked_sub(1))
            .unwrap_or(u8::MAX - 1),
        city: city.to_owned(),
    }
}

/// The city of a known way that there is not.
fn unknown_city(words: Locale, problem: Option<&Problem>) -> Option<String> {
    let Some(Problem::Invalid { fields }) = problem else {
        return None;
    };
    let mut names = fields
        .iter()
        .filter_map(|one| one.field.strip_prefix("travel-"));
    names.next().map(|name| words.no_such_city(name))
}

/// When a trip is, and who travels from where.
#[component]
pub(super) fn FrameForm(planner: Planner, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let before = planner.detail.get_untracked();
    let name = RwSignal::new(before.name.clone());
    let start_on = RwSignal::new(before.start_on.to_string());
    let days = RwSignal::new(before.days.to_string());
    let teams = RwSignal::new(
        before
            .frame
            .teams
            .iter()
            .zip(0..)
            .map(|(team, number)| TypedTeam::new(team, Some(number)))
            .collect::<Vec<_>>(),
    );
    let problem = RwSignal::new(None::<Problem>);
    let error = move |field: String| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), &field))
    };
    let travel = RwSignal::new(ways_text(&before.frame.travel));
    // As they were: the server moves them with their teams and dates.
    let held = before.frame.holds.clone();
    let travel_error = RwSignal::new(None::<String>);
    let read_file = move |event: leptos::ev::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        let Some(file) = input.files().and_then(|files| files.item(0)) else {
            return;
        };
        spawn_local(async move {
            match text_of(&file).await {
                Some(text) => {
                    let said = read_ways(&text)
                        .err()
                        .map(|problem| words.way_unread(problem.part, &problem.text));
                    let _ = travel_error.try_set(said);
                    let _ = travel.try_set(text);
                }
                None => {
                    let _ = travel_error.try_set(Some(words.file_unread().to_owned()));
                }
            }
            input.set_value("");
        });
    };
    let send = Callback::new(move |()| {
        let (id, version) = planner
            .detail
            .with_untracked(|detail| (detail.id, detail.version));
        let known = match read_ways(&travel.get_untracked()) {
            Ok(known) => known,
            Err(problem) => {
                travel_error.set(Some(words.way_unread(problem.part, &problem.text)));
                return;
            }
        };
        travel_error.set(None);
        let change = TripFrameChange {
            version,
            name: name.get_untracked(),
            start_on: start_on
                .get_untracked()
                .parse()
                .unwrap_or(chrono::NaiveDate::MIN),
            days: days.get_untracked().trim().parse().unwrap_or(0),
            frame: TripFrame {
                teams: teams.with_untracked(|teams| teams.iter().map(|team| team.team()).collect()),
                travel: known,
                holds: held.clone(),
            },
            former: teams.with_untracked(|teams| teams.iter().map(|team| team.former).collect()),
        };
        submit(
            planner.pending,
            change_trip_frame(id, change),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    let _ = planner.selected.try_set(None);
                    planner.take(kept);
                    close.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let add = move |_| {
        teams.update(|teams| {
            let copy = teams.last().map(|team| {
                let mut copy = team.team();
                copy.name.clear();
                copy.people.clear();
                TypedTeam::new(&copy, None)
            });
            teams.extend(copy);
        });
    };
    view! {
        <FormDialog title=words.teams_and_days() send_word=words.plan_it() close send is_blocked=planner.pending>
            <Refusal problem/>
            <TextField id="frame-name" label=words.trip_name() value=name wide=true max=200 error=error("name".to_owned())/>
            <div class="row wrap">
                <TextField id="frame-start" label=words.start_on() value=start_on typed=Typed::Date error=error("start_on".to_owned())/>
                <TextField id="frame-days" label=words.days_of(TRIP_DAYS) value=days typed=Typed::Number error=error("days".to_owned())/>
            </div>
            <datalist id="frame-cities">
                {city::names().iter().map(|city| view! { <option value=city.clone()></option> }).collect_view()}
            </datalist>
            <ol class="frame-teams">
                {move || teams.get().into_iter().enumerate().map(|(index, team)| {
                    let number = index + 1;
                    let is_only = teams.with(Vec::len) == 1;
                    view! {
                        <li>
                            <fieldset>
                                <legend>{words.team(number)}
                                    {(!is_only).then(|| view! {
                                        <button type="button" class="btn quiet small icon" aria-label=words.remove_team(number)
                                            on:click=move |_| teams.update(|teams| { teams.remove(index); })><Icon name="i-x"/></button>
                                    })}
                                </legend>
                                <TextField id=format!("team-name-{number}") label=words.team_name() value=team.name max=40 error=error(format!("team_name-{number}"))/>
                                <TextField id=format!("people-{number}") label=words.team_people() value=team.people error=error(format!("people-{number}"))/>
                                <TextField id=format!("start-{number}") label=words.start_city() value=team.start error=error(format!("start_city-{number}"))/>
                                <TextField id=format!("end-{number}") label=words.end_city() value=team.end error=error(format!("end_city-{number}"))/>
                                <TextField id=format!("nights-{number}") label=words.given_nights() value=team.nights wide=true error=error(format!("nights-{number}"))/>
                            </fieldset>
                        </li>
                    }
                }).collect_view()}
            </ol>
            {move || (teams.with(Vec::len) < usize::from(TRIP_TEAMS)).then(|| view! {
                <p><button type="button" class="btn small" on:click=add><Icon name="i-plus"/>{words.add_team()}</button></p>
            })}
            <div class="field">
                <label for="frame-travel">{words.known_ways()}</label>
                <textarea class="input" id="frame-travel" rows="3" aria-invalid=move || travel_error.with(Option::is_some).then_some("true")
                    prop:value=move || travel.get() on:input=move |event| travel.set(event_target_value(&event))></textarea>
                <p><label class="btn small">
                    <Icon name="i-upload"/>{words.ways_file()}
                    <input class="vh" type="file" accept=".csv,.txt,text/csv,text/plain" on:change=read_file/>
                </label></p>
                {move || travel_error.get().or_else(|| field_error(words, problem.get().as_ref(), "travel")).or_else(|| unknown_city(words, problem.get().as_ref()))
                    .map(|text| view! { <span class="error"><Icon name="i-warn"/>{text}</span> })}
            </div>
            <p class="muted small">{words.frame_hint()}</p>
        </FormDialog>
    }
}

/// A team is held up on the road: what it cannot keep goes elsewhere.
#[component]
pub(super) fn HoldForm(planner: Planner, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let before = planner.detail.get_untracked();
    let last = usize::from(before.days.saturating_sub(1));
    // Now, when the trip is under way; else its first morning.
    let (day, from) = before
        .problem
        .now
        .map_or((0, 540), |now| (usize::from(now.day), now.minute));
    let team = RwSignal::new(0_u8);
    let day = RwSignal::new(day.min(last));
    let from_time = RwSignal::new(format::clock(from));
    let until_time = RwSignal::new(format::clock((from + 120).min(1439)));
    let holds = RwSignal::new(before.frame.holds.clone());
    let problem = RwSignal::new(None::<Problem>);
    let wrong = RwSignal::new(None::<&'static str>);
    let change_holds = move |holds: Vec<HoldFrame>| {
        let detail = planner.detail.get_untracked();
        let change = TripFrameChange {
            version: detail.version,
            name: detail.name,
            start_on: detail.start_on,
            days: detail.days,
            frame: TripFrame {
                holds,
                ..detail.frame
            },
            former: Vec::new(),
        };
        submit(
            planner.pending,
            change_trip_frame(detail.id, change),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    planner.take(kept);
                    close.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    };
    let send = Callback::new(move |()| {
        let minutes = (
            format::minute_of(&from_time.get_untracked()),
            format::minute_of(&until_time.get_untracked()),
        );
        let (Some(from_minute), Some(until_minute)) = minutes else {
            wrong.set(Some(words.no_time_typed()));
            return;
        };
        if until_minute <= from_minute {
            wrong.set(Some(words.until_before_from()));
            return;
        }
        wrong.set(None);
        let mut all = holds.get_untracked();
        all.push(HoldFrame {
            team: team.get_untracked(),
            day: u8::try_from(day.get_untracked()).unwrap_or(0),
            from_minute,
            until_minute,
        });
        change_holds(all);
    });
    let is_blocked = Signal::derive(move || planner.pending.get());
    let names: Vec<String> = (0..before.frame.teams.len())
        .map(|index| team_name(words, &before.frame.teams, index))
        .collect();
    let said = {
        let names = names.clone();
        let start_on = before.start_on;
        move |hold: &HoldFrame| {
            let date = start_on + chrono::Days::new(u64::from(hold.day));
            format!(
                "{} {} {}—{}",
                names
                    .get(usize::from(hold.team))
                    .cloned()
                    .unwrap_or_default(),
                format::short_day(date),
                format::clock(hold.from_minute),
                format::clock(hold.until_minute),
            )
        }
    };
    let start_on = before.start_on;
    let time = move |id: &'static str, label: &'static str, value: RwSignal<String>| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input class="input" type="time" id=id prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))/>
            </div>
        }
    };
    view! {
        <FormDialog title=words.held_up() send_word=words.replan_with_hold() close send is_blocked>
            <p class="muted small">{words.held_up_hint()}</p>
            <Refusal problem/>
            {move || field_error(words, problem.get().as_ref(), "holds").or_else(|| wrong.get().map(str::to_owned)).map(|text| view! {
                <p class="error" role="alert"><Icon name="i-warn"/>{text}</p>
            })}
            <div class="fields">
                <div class="field">
                    <label for="hold-team">{words.team_word()}</label>
                    <select class="select" id="hold-team" on:change=move |event| if let Ok(own) = event_target_value(&event).parse() { team.set(own); }>
                        {names.into_iter().enumerate().map(|(index, name)| view! { <option value=index.to_string()>{name}</option> }).collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for="hold-day">{words.date_word()}</label>
                    <select class="select" id="hold-day" on:change=move |event| if let Ok(own) = event_target_value(&event).parse() { day.set(own); }>
                        {(0..=last).map(|index| {
                            let date = start_on + chrono::Days::new(index as u64);
                            view! { <option value=index.to_string() selected=move || day.get() == index>{format::short_day(date)}" "{format::weekday(words, date)}</option> }
                        }).collect_view()}
                    </select>
                </div>
                {time("hold-from", words.from_time(), from_time)}
                {time("hold-until", words.until_time(), until_time)}
            </div>
            {(!before.frame.holds.is_empty()).then(|| view! {
                <ul class="list held">
                    {before.frame.holds.iter().enumerate().map(|(place, hold)| {
                        let text = said(hold);
                        view! {
                            <li><span>{text}</span>
                                <button type="button" class="btn small" disabled=move || planner.pending.get()
                                    on:click=move |_| {
                                        let mut rest = holds.get_untracked();
                                        rest.remove(place);
                                        change_holds(rest);
                                    }>{words.remove_word()}</button></li>
                        }
                    }).collect_view()}
                </ul>
            })}
        </FormDialog>
    }
}

/// The text of a chosen file: UTF-8, or what spreadsheets here write instead.
#[cfg(feature = "hydrate")]
async fn text_of(file: &web_sys::File) -> Option<String> {
    for encoding in ["utf-8", "gb18030"] {
        let text = crate::component::read_file(file, |reader, file| {
            reader.read_as_text_with_label(file, encoding)
        })
        .await?;
        if !text.contains('\u{fffd}') {
            return Some(text);
        }
    }
    None
}

/// The server renders the form and reads no file.
#[cfg(not(feature = "hydrate"))]
async fn text_of(_: &web_sys::File) -> Option<String> {
    None
}

/// More companies for a trip: the others that a new trip could visit.
#[component]
pub(super) fn CompaniesForm(planner: Planner, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let picked = RwSignal::new(BTreeSet::<i64>::new());
    let required = RwSignal::new(BTreeSet::<i64>::new());
    let cities = RwSignal::new(BTreeSet::<String>::new());
    let known = StoredValue::new(Vec::<ChosenCandidate>::new());
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |()| {
        let (id, version) = planner
            .detail
            .with_untracked(|detail| (detail.id, detail.version));
        let add: Vec<ChosenCandidate> = known.with_value(|known| {
            known
                .iter()
                .filter(|one| picked.with_untracked(|picked| picked.contains(&one.enterprise_id)))
                .map(|one| ChosenCandidate {
                    required: required
                        .with_untracked(|required| required.contains(&one.enterprise_id)),
                    ..one.clone()
                })
                .collect()
        });
        let change = TripCandidatesChange {
            version,
            add,
            remove: Vec::new(),
        };
        submit(
            planner.pending,
            change_trip_candidates(id, change),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    planner.take(kept);
                    close.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let there: BTreeSet<i64> = planner.detail.with_untracked(|detail| {
        detail
            .candidates
            .iter()
            .map(|one| one.enterprise_id)
            .collect()
    });
    let is_blocked =
        Signal::derive(move || planner.pending.get() || picked.with(BTreeSet::is_empty));
    view! {
        <FormDialog title=words.add_companies() send_word=words.add_and_replan() close send is_blocked>
            <Refusal problem/>
            {move || field_error(words, problem.get().as_ref(), "candidates").map(|text| view! {
                <p class="error" role="alert"><Icon name="i-warn"/>{text}</p>
            })}
            {load_part(
                || (),
                |()| trip_choices(None),
                move |mut choices: TripChoices, _| {
                    choices.leads.retain(|one| !there.contains(&one.enterprise_id));
                    choices.targets.retain(|one| !there.contains(&one.enterprise_id));
                    known.set_value(choices.leads.iter().chain(&choices.targets).map(|one| ChosenCandidate {
                        enterprise_id: one.enterprise_id,
                        lead_id: one.lead_id,
                        value: one.value,
                        required: false,
                    }).collect());
                    view! {
                        <Cities candidates=choices.leads.iter().chain(&choices.targets).cloned().collect() chosen=cities/>
                        <Pool title=words.own_leads() candidates=choices.leads picked required cities/>
                        <Pool title=words.free_targets() candidates=choices.targets picked required cities/>
                    }.into_any()
                },
                || view! { <p class="muted" role="status">{use_words().loading()}</p> }.into_any(),
                |error| {
                    let said = problem_sentence(use_words(), &error.0);
                    view! { <p class="error" role="alert"><Icon name="i-warn"/>{said}</p> }.into_any()
                },
            )}
        </FormDialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_are_read_as_they_are_typed() {
        let read: Vec<(u8, String)> = parts("1 南京、2：苏州，3常州, x")
            .iter()
            .map(|night| typed_night(night))
            .map(|night| (night.day, night.city))
            .collect();
        assert_eq!(
            read,
            [
                (0, "南京".to_owned()),
                (1, "苏州".to_owned()),
                (2, "常州".to_owned()),
                (254, "x".to_owned())
            ]
        );
    }
}
