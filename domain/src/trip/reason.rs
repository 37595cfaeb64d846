//! Why a candidate is not in a plan, and what would let it in.

use chrono::Datelike;

use super::model::{Model, at, holds, later_slots, on_day, open_slots, received};
use super::search::{State, Tour};
use super::{Candidate, LeftOut, LeftOutReason, Place, Remedy, Travel, TripDay, TripProblem};

/// The shortest visit that is proposed instead of a longer one, in minutes.
const SHORTEST_VISIT: u16 = 30;
/// Stops, the least valuable first, that are tried as those whose place a candidate could take.
const DISPLACED_TRIES: usize = 100;
/// Days that a trip may be longer to let a candidate in.
const MORE_DAYS: u64 = 3;

/// The reasons of all candidates that are not in the state, in their order.
pub(super) fn reasons(model: &Model, state: &State) -> Vec<LeftOut> {
    let mut location_of = vec![None; model.problem.candidates.len()];
    for (location, &source) in model.sources.iter().enumerate() {
        location_of[source] = Some(location);
    }
    model
        .problem
        .candidates
        .iter()
        .enumerate()
        .zip(location_of)
        .filter(|((source, _), location)| {
            let is_visited = location.is_some_and(|location| state.is_visited(location));
            !is_visited && model.begun_of(*source).is_none()
        })
        .map(|((_, candidate), location)| {
            let (reason, remedy) = match location {
                Some(location) => searched(model, state, candidate, location),
                None => plain(model, state, candidate),
            };
            LeftOut {
                candidate_id: candidate.id,
                reason,
                remedy,
            }
        })
        .collect()
}

type Answer = (LeftOutReason, Option<Remedy>);

/// The reason of a candidate that was no part of the search.
fn plain(model: &Model, state: &State, candidate: &Candidate) -> Answer {
    let problem = model.problem;
    let Some(place) = &candidate.place else {
        return (LeftOutReason::NoCoordinates, Some(Remedy::Locate));
    };
    let days = 0..problem.days.len();
    let is_open = days
        .clone()
        .any(|day| !open_slots(problem, candidate, day).is_empty());
    if !is_open {
        let longest = days
            .flat_map(|day| received(problem, candidate, day))
            .map(|(from, until)| (until - from) as u16)
            .max();
        return match longest {
            Some(longest_minutes) => (
                LeftOutReason::WindowTooShort { longest_minutes },
                Some(Remedy::Shorten {
                    minutes: longest_minutes,
                }),
            ),
            None => (LeftOutReason::Closed, Some(Remedy::AskForTime)),
        };
    }
    if later_slots(problem, candidate).is_empty() {
        return (LeftOutReason::Past, Some(Remedy::AskForTime));
    }
    let known: Vec<i64> = model
        .sources
        .iter()
        .copied()
        .chain(model.begun.iter().map(|own| own.source))
        .map(|source| problem.candidates[source].id)
        .collect();
    let missing = candidate.after.iter().find(|id| !known.contains(id));
    match missing {
        Some(&candidate_id) if fits_alone(problem, candidate, &problem.days) => (
            LeftOutReason::Order { candidate_id },
            Some(Remedy::Include { candidate_id }),
        ),
        _ => {
            // What has happened binds, whatever else is released.
            let bond = begun_bond(model, candidate, true);
            if let Some(reason) = bond {
                return (reason, None);
            }
            if is_fixed(candidate) {
                return (LeftOutReason::Conflict, Some(Remedy::Release));
            }
            if let Some(reason) = held_up(model, candidate) {
                return (reason, None);
            }
            let (nearest_city, minutes) = nearest(model, state, place);
            (
                LeftOutReason::TooFar {
                    nearest_city: nearest_city.to_owned(),
                    minutes,
                },
                more_days(problem, candidate),
            )
        }
    }
}

/// The order or the host by which what has happened leaves no time to a candidate; orders `only_late`: when all its hours
/// are before the end of what must come before, else when that has not ended.
fn begun_bond(model: &Model, candidate: &Candidate, only_late: bool) -> Option<LeftOutReason> {
    if candidate.is_locked() {
        return None;
    }
    let problem = model.problem;
    let of = |source: usize| &problem.candidates[source];
    let hosts = model.begun.iter();
    let host = hosts
        .filter(|own| candidate.host.is_some() && of(own.source).host == candidate.host)
        .max_by_key(|own| own.begin);
    if let Some(own) = host {
        return Some(LeftOutReason::Host {
            team: own.team as u8,
            day: own.day as u8,
        });
    }
    let before = model.begun.iter();
    let last = before
        .filter(|own| candidate.after.contains(&of(own.source).id))
        .max_by_key(|own| own.end)?;
    let slots = later_slots(problem, candidate);
    let is_late = slots.iter().all(|slot| slot.latest < last.end);
    // Who has ended before `now` holds nobody up any more.
    let is_running = problem.now.is_some_and(|now| last.end > at(now));
    (is_late || !only_late && is_running).then(|| LeftOutReason::Order {
        candidate_id: of(last.source).id,
    })
}

/// By how many minutes a candidate is too late after a hold that leaves no time to it.
fn held_up(model: &Model, candidate: &Candidate) -> Option<LeftOutReason> {
    let problem = model.problem;
    let slots = later_slots(problem, candidate);
    let teams = 0..problem.teams.len();
    let shortest = teams
        .flat_map(|team| holds(problem, &model.past, team))
        .flat_map(|hold| slots.iter().map(move |slot| (hold, slot)))
        .filter(|(hold, slot)| {
            let (day, end) = (usize::from(hold.day), at(hold.until()));
            slot.earliest >= on_day(day, 0) && slot.earliest < end
        })
        .map(|(hold, slot)| (at(hold.until()) - slot.latest, hold.team, hold.day))
        .min();
    let (short, team, day) = shortest?;
    Some(LeftOutReason::NoTime {
        team,
        day,
        short_minutes: short.clamp(1, i32::from(u16::MAX)) as u16,
    })
}

fn is_fixed(candidate: &Candidate) -> bool {
    let is_bound = candidate.fixed_team.is_some() || candidate.fixed_day.is_some();
    is_bound || candidate.fixed_minute.is_some()
}

/// The reason of a candidate that the search could have visited.
fn searched(model: &Model, state: &State, candidate: &Candidate, location: usize) -> Answer {
    let instance = &model.instance;
    let is_alone_possible = (0..model.stretches.len())
        .any(|route| Tour::empty(instance, route).has_place(instance, route, location));
    let (nearest_city, minutes) = nearest(model, state, model.place(location));
    let too_far = |remedy| {
        (
            LeftOutReason::TooFar {
                nearest_city: nearest_city.to_owned(),
                minutes,
            },
            remedy,
        )
    };
    // It might be, but for what has happened.
    if let Some(reason) = begun_bond(model, candidate, false)
        && !state.has_time(instance, location)
        && fits_alone(model.problem, candidate, &model.problem.days)
    {
        return (reason, None);
    }
    // Who is on the road, or held up, is late rather than far away.
    let is_late = model.problem.now.is_some() || !model.problem.holds.is_empty();
    if !is_alone_possible && is_late && !is_fixed(candidate) {
        let is_near = minutes <= model.problem.settings.far_minutes;
        if let Some(answer) = shortage(model, state, candidate, location).filter(|_| is_near) {
            return answer;
        }
    }
    if !is_alone_possible {
        let remedy = more_days(model.problem, candidate);
        return too_far(remedy);
    }
    if contradicts(model, state, candidate, location) {
        return (LeftOutReason::Conflict, Some(Remedy::Release));
    }
    if let Some(answer) = bound(model, state, candidate, location) {
        return answer;
    }
    if let Some((team, day)) = room(model, state, location) {
        return (LeftOutReason::Fits { team, day }, None);
    }
    if minutes > model.problem.settings.far_minutes {
        return too_far(another_team(model, state, candidate, location));
    }
    displaced(model, state, location)
        .or_else(|| shortage(model, state, candidate, location))
        .unwrap_or((LeftOutReason::Conflict, Some(Remedy::Release)))
}

/// The locations of the companies that are visited later.
fn stops<'a>(model: &'a Model, state: &'a State) -> impl Iterator<Item = usize> + 'a {
    state.stops().filter_map(|stop| model.company(stop))
}

/// The nearest among the cities of the stops, the starts and the ends, and the minutes from there.
fn nearest<'a>(model: &Model<'a>, state: &State, to: &Place) -> (&'a str, u16) {
    let problem: &'a TripProblem = model.problem;
    let ends = problem
        .teams
        .iter()
        .flat_map(|team| [&team.start, &team.end]);
    let begun = model.begun.iter();
    stops(model, state)
        .map(|stop| model.place(stop))
        .chain(begun.filter_map(|own| problem.candidates[own.source].place.as_ref()))
        .chain(ends)
        .map(|from| (from.city.as_str(), shortest(&model.travel, from, to)))
        .min_by_key(|(_, minutes)| *minutes)
        .unwrap_or_default()
}

/// The minutes of a way at the best hour.
fn shortest(travel: &Travel, from: &Place, to: &Place) -> u16 {
    let hours = if travel.is_hourly(from, to) { 24 } else { 1 };
    (0..hours)
        .map(|hour| travel.way(from, to, hour * 60).minutes)
        .min()
        .unwrap_or_default()
}

/// Whether the only candidate of a trip can be visited, whatever must come before it.
fn fits_alone(problem: &TripProblem, candidate: &Candidate, days: &[TripDay]) -> bool {
    let small = TripProblem {
        days: days.to_vec(),
        candidates: vec![Candidate {
            after: Vec::new(),
            ..candidate.clone()
        }],
        ..problem.clone()
    };
    Model::new(&small).is_ok_and(|model| {
        let mut routes = 0..model.stretches.len();
        !model.sources.is_empty()
            && routes.any(|route| {
                Tour::empty(&model.instance, route).has_place(&model.instance, route, 0)
            })
    })
}

/// How many days would do, when a few more do.
fn more_days(problem: &TripProblem, candidate: &Candidate) -> Option<Remedy> {
    if problem.teams.iter().any(|team| !team.nights.is_empty()) {
        return None;
    }
    let last = problem.days.last()?.date;
    let mut days = problem.days.clone();
    (1..=MORE_DAYS).find_map(|more| {
        let date = last.checked_add_days(chrono::Days::new(more))?;
        days.push(TripDay {
            date,
            // The calendar of holidays is not known here.
            working: date.weekday().number_from_monday() <= 5,
        });
        let count = u8::try_from(days.len()).ok()?;
        fits_alone(problem, candidate, &days).then_some(Remedy::MoreDays { days: count })
    })
}

/// Whether a stop of the same fixed team and day cannot go together with the candidate.
fn contradicts(model: &Model, state: &State, candidate: &Candidate, location: usize) -> bool {
    if candidate.fixed_team.is_none() || candidate.fixed_day.is_none() {
        return false;
    }
    stops(model, state).any(|stop| {
        let other = model.candidate(stop);
        (other.fixed_team, other.fixed_day) == (candidate.fixed_team, candidate.fixed_day)
            && (0..model.stretches.len()).all(|route| {
                let mut tour = Tour::empty(&model.instance, route);
                !(tour.put(&model.instance, route, stop)
                    && tour.has_place(&model.instance, route, location))
            })
    })
}

/// The order or the host that keeps a candidate out.
fn bound(model: &Model, state: &State, candidate: &Candidate, location: usize) -> Option<Answer> {
    let candidates = &model.problem.candidates;
    let when = |id: i64| {
        let mut begun = model.begun.iter();
        if let Some(own) = begun.find(|own| candidates[own.source].id == id) {
            return Some(own.begin);
        }
        let mut sources = model.sources.iter();
        let other = sources.position(|&source| candidates[source].id == id)?;
        state.when(other).map(|(_, begin)| begin)
    };
    if let Some(&candidate_id) = candidate.after.iter().find(|id| when(**id).is_none()) {
        return Some((
            LeftOutReason::Order { candidate_id },
            Some(Remedy::Include { candidate_id }),
        ));
    }
    let mut begun = model.begun.iter();
    let host =
        begun.find(|own| candidate.host.is_some() && candidates[own.source].host == candidate.host);
    if let Some(own) = host {
        let reason = LeftOutReason::Host {
            team: own.team as u8,
            day: own.day as u8,
        };
        return Some((reason, None));
    }
    let mut partners = stops(model, state)
        .filter(|&stop| candidate.host.is_some() && model.candidate(stop).host == candidate.host);
    if let Some((route, begin)) = partners.next().and_then(|partner| state.when(partner)) {
        let removed = stops(model, state).find(|&stop| {
            let other = model.candidate(stop);
            other.host == candidate.host
                && !other.is_locked()
                && state.fits_without(&model.instance, stop, location)
        });
        return Some((
            LeftOutReason::Host {
                team: model.stretches[route].team as u8,
                day: (begin / i32::from(super::DAY_MINUTES)) as u8,
            },
            removed.map(|stop| Remedy::Remove {
                candidate_id: model.candidate(stop).id,
            }),
        ));
    }
    // When there is no time for it at all, the order is not to blame.
    if !state.has_time(&model.instance, location) {
        return None;
    }
    let last = candidate
        .after
        .iter()
        .filter_map(|&id| Some((when(id)?, id)))
        .max()?;
    Some((
        LeftOutReason::Order {
            candidate_id: last.1,
        },
        another_team(model, state, candidate, location),
    ))
}

/// Another team, when the visit fits into its empty trip, and after those that must come before.
fn another_team(
    model: &Model,
    state: &State,
    candidate: &Candidate,
    location: usize,
) -> Option<Remedy> {
    if candidate.fixed_team.is_some() {
        return Some(Remedy::Release);
    }
    let instance = &model.instance;
    let fits = (0..model.stretches.len()).any(|route| {
        let mut tour = Tour::empty(instance, route);
        tour.put(instance, route, location)
            && tour
                .first_begin()
                .is_some_and(|begin| state.is_in_order(instance, location, begin))
    });
    fits.then_some(Remedy::AnotherTeam)
}

/// The team and day where the visit fits as things stand.
fn room(model: &Model, state: &State, location: usize) -> Option<(u8, u8)> {
    model
        .stretches
        .iter()
        .enumerate()
        .find_map(|(route, stretch)| {
            let day = (stretch.first..=stretch.last).find(|&day| {
                state
                    .begin_on(&model.instance, route, location, day as i32)
                    .is_some()
            })?;
            Some((stretch.team as u8, day as u8))
        })
}

/// The least valuable stop, worth at least as much, in whose place the visit would fit.
fn displaced(model: &Model, state: &State, location: usize) -> Option<Answer> {
    let own = model.candidate(location);
    let mut stops: Vec<usize> = stops(model, state)
        .filter(|&stop| {
            let other = model.candidate(stop);
            !other.is_locked() && other.value >= own.value && other.required >= own.required
        })
        .collect();
    stops.sort_by(|one, other| {
        let (one, other) = (*one, *other);
        model
            .candidate(one)
            .value
            .total_cmp(&model.candidate(other).value)
            .then(one.cmp(&other))
    });
    let stop = stops
        .into_iter()
        .take(DISPLACED_TRIES)
        .find(|&stop| state.fits_without(&model.instance, stop, location))?;
    let candidate_id = model.candidate(stop).id;
    Some((
        LeftOutReason::LowerValue {
            displaced_by: candidate_id,
            value: model.candidate(stop).value,
        },
        Some(Remedy::Remove { candidate_id }),
    ))
}

/// The place where the visit misses the fewest minutes.
fn shortage(
    model: &Model,
    state: &State,
    candidate: &Candidate,
    location: usize,
) -> Option<Answer> {
    let (short, route, day) = state.shortage(&model.instance, location)?;
    let short_minutes = short.clamp(1, i32::from(u16::MAX)) as u16;
    let left = candidate.duration_minutes.saturating_sub(short_minutes);
    // A visit with a fixed minute does not begin earlier for being shorter; orders and hosts may forbid it, too.
    // Who is there when a hold begins has no more time for being shorter.
    let mut holds = model.problem.holds.iter();
    let is_held_up = holds.any(|hold| i32::from(hold.day) == day);
    let is_shorter_possible = short > 0
        && !is_held_up
        && left >= SHORTEST_VISIT
        && candidate.fixed_minute.is_none()
        && state.clone().put(
            &model.instance.shortened(location, i32::from(left)),
            location,
        );
    let remedy = if is_shorter_possible {
        Some(Remedy::Shorten { minutes: left })
    } else if candidate.fixed_minute.is_some() {
        Some(Remedy::Release)
    } else {
        another_team(model, state, candidate, location)
    };
    Some((
        LeftOutReason::NoTime {
            team: model.stretches[route].team as u8,
            day: day as u8,
            short_minutes,
        },
        remedy,
    ))
}
