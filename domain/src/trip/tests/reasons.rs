//! Whether the reasons of left-out candidates, and their remedies, are true.

use chrono::Datelike;

use super::super::*;
use super::simulator::{Tours, World, received};

/// Every reason must be true, and every remedy that was tried must let the candidate in.
pub(super) fn check_reasons(problem: &TripProblem, plan: &Plan) {
    let world = World::new(problem);
    let tours = world.tours(plan);
    for entry in &plan.left_out {
        let candidate = problem
            .candidates
            .iter()
            .position(|candidate| candidate.id == entry.candidate_id)
            .unwrap();
        let case = Case {
            problem,
            world: &world,
            tours: &tours,
            candidate,
            own: &problem.candidates[candidate],
            entry,
        };
        assert!(!world.has_room(&tours, candidate), "{entry:?} fits");
        case.reason();
    }
}

struct Case<'a> {
    problem: &'a TripProblem,
    world: &'a World<'a>,
    tours: &'a Tours,
    candidate: usize,
    own: &'a Candidate,
    entry: &'a LeftOut,
}

impl Case<'_> {
    fn reason(&self) {
        let (entry, own) = (self.entry, self.own);
        match &entry.reason {
            LeftOutReason::NoCoordinates => {
                assert!(own.place.is_none());
                assert_eq!(entry.remedy, Some(Remedy::Locate));
            }
            LeftOutReason::Closed => {
                assert_eq!(self.longest(), 0, "{entry:?}");
                assert_eq!(entry.remedy, Some(Remedy::AskForTime));
            }
            LeftOutReason::Past => {
                assert!(self.longest() >= own.duration_minutes, "{entry:?}");
                assert!(!self.world.is_open(self.candidate), "{entry:?}");
                assert_eq!(entry.remedy, Some(Remedy::AskForTime));
            }
            LeftOutReason::WindowTooShort { longest_minutes } => {
                assert_eq!(self.longest(), *longest_minutes, "{entry:?}");
                assert!((1..own.duration_minutes).contains(longest_minutes));
                let minutes = *longest_minutes;
                assert_eq!(entry.remedy, Some(Remedy::Shorten { minutes }));
            }
            LeftOutReason::TooFar {
                nearest_city,
                minutes,
            } => self.too_far(nearest_city, *minutes),
            LeftOutReason::NoTime {
                team,
                day,
                short_minutes,
            } => {
                self.short(*short_minutes);
                assert!(usize::from(*team) < self.problem.teams.len());
                assert!(usize::from(*day) < self.problem.days.len());
                assert!(own.fixed_team.is_none_or(|fixed| fixed == *team));
                assert!(own.fixed_day.is_none_or(|fixed| fixed == *day));
                self.remedy();
            }
            LeftOutReason::LowerValue {
                displaced_by,
                value,
            } => self.lower_value(*displaced_by, *value),
            LeftOutReason::Conflict => {
                let is_fixed = own.fixed_team.or(own.fixed_day).is_some();
                assert!(is_fixed || own.fixed_minute.is_some(), "{entry:?}");
                assert!(self.contradicts(), "{entry:?}");
                assert_eq!(entry.remedy, Some(Remedy::Release));
            }
            LeftOutReason::Order { candidate_id } => {
                assert!(own.after.contains(candidate_id));
                let first = self.index(*candidate_id);
                if self.world.happened(*candidate_id).is_some() {
                    assert!(
                        !self.world.has_room(self.tours, self.candidate),
                        "{entry:?}"
                    );
                } else if self.tours.iter().flatten().any(|stop| *stop == first) {
                    // It would fit, were it not for the order.
                    assert!(self.world.has_time(self.tours, self.candidate), "{entry:?}");
                } else {
                    let candidate_id = *candidate_id;
                    assert_eq!(entry.remedy, Some(Remedy::Include { candidate_id }));
                }
                self.remedy();
            }
            LeftOutReason::Host { team, day } => {
                let when = self.world.check(self.tours).unwrap();
                let is_host_there = when.iter().any(|(&other, &(span, begin))| {
                    self.problem.candidates[other].host == own.host
                        && self.world.spans[span].team == usize::from(*team)
                        && begin / 1440 == i32::from(*day)
                });
                let mut others = self.problem.candidates.iter();
                let was_host_there = others.any(|other| {
                    let begun = self.world.happened(other.id);
                    other.host == own.host
                        && begun.is_some_and(|(own_team, own_day, _)| {
                            (own_team, own_day) == (usize::from(*team), i32::from(*day))
                        })
                });
                let is_host_there = is_host_there || was_host_there;
                assert!(own.host.is_some() && is_host_there, "{entry:?}");
                self.remedy();
            }
            LeftOutReason::Fits { .. } => unreachable!("the solver has missed {entry:?}"),
        }
    }

    /// The visit lacks so many minutes at its best place, and not one less.
    fn short(&self, minutes: u16) {
        let (own, entry) = (self.own, self.entry);
        assert!(minutes > 0);
        assert!(
            !self.world.has_time(self.tours, self.candidate),
            "{entry:?}"
        );
        let settings = &self.problem.settings;
        let morning = settings.lunch_from_minute - settings.work_from_minute;
        // A shorter visit must not open other hours, or begin otherwise than when it can.
        if own.duration_minutes <= minutes
            || own.duration_minutes > morning
            || !own.open.is_empty()
            || own.fixed_minute.is_some()
            || settings.grid_minutes > 1
            // A hold leaves other hours to a shorter visit.
            || !self.problem.holds.is_empty()
        {
            return;
        }
        let fits = |duration_minutes: u16| {
            let mut shorter = self.problem.clone();
            shorter.candidates[self.candidate].duration_minutes = duration_minutes;
            World::new(&shorter).has_time(self.tours, self.candidate)
        };
        let left = own.duration_minutes - minutes;
        assert!(fits(left) && !fits(left + 1), "{entry:?}");
    }

    fn index(&self, id: i64) -> usize {
        let candidates = &self.problem.candidates;
        candidates.iter().position(|other| other.id == id).unwrap()
    }

    /// The longest span in which the candidate receives anybody.
    fn longest(&self) -> u16 {
        let mut longest = 0;
        for day in 0..self.problem.days.len() {
            let mut length = 0;
            for is_received in received(self.problem, self.own, day) {
                length = if is_received { length + 1 } else { 0 };
                longest = longest.max(length);
            }
        }
        longest
    }

    /// Whether the candidate fits as the only visit of such a trip, whatever must come before it.
    fn is_alone_possible(&self, days: usize) -> bool {
        let mut small = self.problem.clone();
        small.candidates = vec![Candidate {
            after: Vec::new(),
            ..self.own.clone()
        }];
        let last = small.days.last().unwrap().date;
        for more in 1..=days.saturating_sub(small.days.len()) {
            let date = last + chrono::Days::new(more as u64);
            let is_weekend = matches!(date.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun);
            small.days.push(TripDay {
                date,
                working: !is_weekend,
            });
        }
        let world = World::new(&small);
        let empty = world.empty();
        // Other teams may be unable to go home in time; only the candidate's own matters.
        world.has_time(&empty, 0)
    }

    /// Fixed demands that cannot be kept, by themselves or with a visit of the same fixed team and day.
    fn contradicts(&self) -> bool {
        let (own, world) = (self.own, self.world);
        if !self.is_alone_possible(self.problem.days.len()) {
            return true;
        }
        self.tours.iter().flatten().any(|&stop| {
            let other = &self.problem.candidates[stop];
            let is_same = (other.fixed_team, other.fixed_day) == (own.fixed_team, own.fixed_day);
            is_same
                && (0..world.spans.len()).all(|span| {
                    let (one, two) = ([stop, self.candidate], [self.candidate, stop]);
                    world.time(span, &one).is_none() && world.time(span, &two).is_none()
                })
        })
    }

    fn too_far(&self, nearest_city: &str, minutes: u16) {
        let (problem, entry) = (self.problem, self.entry);
        let nearest = self.world.nearest(self.tours, self.candidate);
        assert_eq!(minutes, nearest, "{entry:?}");
        let is_city = problem
            .candidates
            .iter()
            .filter_map(|candidate| candidate.place.as_ref())
            .chain(
                problem
                    .teams
                    .iter()
                    .flat_map(|team| [&team.start, &team.end]),
            )
            .any(|place| place.city == nearest_city);
        assert!(is_city);
        let count = problem.days.len();
        if self.is_alone_possible(count) {
            assert!(minutes > problem.settings.far_minutes, "{entry:?}");
            self.remedy();
            return;
        }
        match entry.remedy {
            Some(Remedy::MoreDays { days }) => {
                let days = usize::from(days);
                assert!(days > count && self.is_alone_possible(days), "{entry:?}");
                assert!(!self.is_alone_possible(days - 1), "{entry:?}");
            }
            None => {
                let has_nights = problem.teams.iter().any(|team| !team.nights.is_empty());
                let is_possible = (1..=3).any(|more| self.is_alone_possible(count + more));
                assert!(has_nights || !is_possible, "{entry:?}");
            }
            _ => unreachable!("{entry:?}"),
        }
    }

    fn without(&self, id: i64) -> Tours {
        let mut tours = self.tours.clone();
        let index = self.index(id);
        for order in &mut tours {
            order.retain(|stop| *stop != index);
        }
        assert_ne!(&tours, self.tours, "{:?} names no stop", self.entry);
        tours
    }

    fn lower_value(&self, displaced_by: i64, value: f64) {
        let (problem, own, entry) = (self.problem, self.own, self.entry);
        let named = &problem.candidates[self.index(displaced_by)];
        assert_eq!(named.value, value);
        assert!(value >= own.value && !named.is_locked(), "{entry:?}");
        let candidate_id = displaced_by;
        assert_eq!(entry.remedy, Some(Remedy::Remove { candidate_id }));
        self.remedy();
        // No less valuable stop makes room.
        for &stop in self.tours.iter().flatten() {
            let other = &problem.candidates[stop];
            if other.value >= own.value
                && other.value < value
                && !other.is_locked()
                && other.required >= own.required
            {
                // Where a detour is shorter than the direct way, the others may need the stop.
                let tours = self.without(other.id);
                let makes_room = self.world.check(&tours).is_some()
                    && self.world.has_room(&tours, self.candidate);
                assert!(!makes_room, "{entry:?}, but {}", other.id);
            }
        }
    }

    /// The remedy of a candidate that could be visited if nobody else were.
    fn remedy(&self) {
        let (problem, own, entry) = (self.problem, self.own, self.entry);
        match entry.remedy {
            Some(Remedy::Shorten { minutes }) => {
                assert!(minutes < own.duration_minutes, "{entry:?}");
                let mut shorter = problem.clone();
                shorter.candidates[self.candidate].duration_minutes = minutes;
                let has_room = World::new(&shorter).has_room(self.tours, self.candidate);
                assert!(has_room, "{entry:?}");
            }
            Some(Remedy::Remove { candidate_id }) => {
                let tours = self.without(candidate_id);
                let has_room = self.world.has_room(&tours, self.candidate);
                assert!(has_room, "{entry:?}");
            }
            Some(Remedy::AnotherTeam) => {
                assert_eq!(own.fixed_team, None, "{entry:?}");
                let is_possible = problem.teams.iter().enumerate().any(|(index, team)| {
                    let mut more = problem.clone();
                    more.teams.push(team.clone());
                    more.past.extend(problem.past.get(index).cloned());
                    let holds = problem.holds.iter();
                    let holds = holds.filter(|hold| usize::from(hold.team) == index);
                    more.holds.extend(holds.map(|hold| Hold {
                        team: problem.teams.len() as u8,
                        ..hold.clone()
                    }));
                    let world = World::new(&more);
                    let mut tours = self.tours.clone();
                    tours.resize(world.spans.len(), Vec::new());
                    world.has_room(&tours, self.candidate)
                });
                assert!(is_possible, "{entry:?}");
            }
            Some(Remedy::Release) => {
                let is_fixed = own.fixed_team.or(own.fixed_day).is_some();
                assert!(is_fixed || own.fixed_minute.is_some(), "{entry:?}");
            }
            Some(Remedy::Include { candidate_id }) => {
                let other = self.index(candidate_id);
                assert!(self.tours.iter().flatten().all(|stop| *stop != other));
            }
            // Nothing that was tried lets it in.
            None => {}
            _ => unreachable!("{entry:?}"),
        }
    }
}
