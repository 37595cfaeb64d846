//! From the order of visits to legs, stops and hotels, by what a plan assumes (see the parent module).

use super::model::{Model, at, holds, on_day};
use super::search::Stop as Visit;
use super::{DAY_MINUTES, DayPlan, Hold, Leg, Place, Stop, TeamPlan};

/// The plan of one team from the visits of its routes.
pub(super) fn team_plan(model: &Model, team: usize, routes: &[Vec<Visit>]) -> TeamPlan {
    let own = &model.problem.teams[team];
    let days: Vec<DayPlan> = model
        .problem
        .days
        .iter()
        .map(|day| DayPlan {
            date: day.date,
            legs: Vec::new(),
            stops: Vec::new(),
            hotel_city: None,
        })
        .collect();
    let been = model.past.get(team);
    let mut writer = Writer {
        model,
        days,
        place: &own.start,
        ready: 0,
        is_visiting: been.is_some_and(|been| been.is_kept(model.problem, team)),
        is_resting: been.is_some_and(|been| been.is_resting(own)),
        ends_with_leg: been.is_none_or(|been| !been.ends_with_stop()),
        gate: been.and_then(|been| been.gate),
        events: None,
        cities: vec![None; model.problem.days.len()],
        gaps: gaps(&holds(model.problem, &model.past, team)),
    };
    for (day, past) in been.iter().flat_map(|been| been.days.iter().enumerate()) {
        writer.happened(day, past);
    }
    if let Some(been) = been {
        let today = usize::from(been.free_from.day);
        if let Some(city) = writer.cities.get_mut(today) {
            // A hold may have brought it there.
            *city = Some(&been.place.city);
        }
    }
    for (stretch, visits) in model.stretches.iter().zip(routes) {
        if stretch.team != team {
            continue;
        }
        writer.place = model.start(*stretch);
        writer.ready = stretch.open;
        if stretch.is_from_hotel() {
            writer.is_visiting = false;
            writer.moves_on();
        }
        for visit in visits {
            match model.hold(visit.location) {
                Some(hold) => writer.wait(hold),
                None => writer.visit(visit.location, visit.begin),
            }
        }
        let night = own
            .nights
            .iter()
            .find(|night| usize::from(night.day) == stretch.last);
        match night {
            Some(hotel) => writer.night(stretch.last, &hotel.place),
            None => writer.end(&own.end, stretch.last),
        }
    }
    writer.finish(team)
}

/// The times between holds, in minutes of the trip.
fn gaps(holds: &[&Hold]) -> Vec<(i32, i32)> {
    let ends = holds.iter().map(|hold| at(hold.from())).chain([i32::MAX]);
    let begins = holds.iter().map(|hold| at(hold.until()));
    std::iter::once(i32::MIN).chain(begins).zip(ends).collect()
}

struct Writer<'a> {
    model: &'a Model<'a>,
    days: Vec<DayPlan>,
    place: &'a Place,
    /// From when on the team may leave, in minutes of the trip.
    ready: i32,
    /// Whether it is at a company: then it goes on at once. From a hotel or from home it leaves as late as it can.
    is_visiting: bool,
    /// Whether it has come from a visit before `now` and waits for a comfortable hour to go on.
    is_resting: bool,
    ends_with_leg: bool,
    /// The candidate at whose gate it stands.
    gate: Option<i64>,
    /// The first and the last day with a leg or a stop.
    events: Option<(usize, usize)>,
    /// Where the team is at the end of each day, if it has moved on that day.
    cities: Vec<Option<&'a str>>,
    /// When it is not held up, in minutes of the trip.
    gaps: Vec<(i32, i32)>,
}

impl<'a> Writer<'a> {
    fn latest(&self, day: i32) -> i32 {
        on_day(
            day as usize,
            self.model.problem.settings.latest_arrival_minute,
        )
    }

    fn morning(&self, day: i32) -> i32 {
        on_day(
            day as usize,
            self.model.problem.settings.earliest_departure_minute,
        )
    }

    fn minutes(&self, from: &Place, to: &Place, departure: i32) -> i32 {
        let minute = departure.rem_euclid(i32::from(DAY_MINUTES)) as u16;
        i32::from(self.model.travel.way(from, to, minute).minutes)
    }

    /// The departure at `ready` or later, on the same day, that arrives first; `None` when none arrives in time.
    fn soonest(&self, to: &Place, ready: i32, until: i32) -> Option<i32> {
        self.gaps.iter().find_map(|&(from, end)| {
            let (ready, until) = (ready.max(from), until.min(end));
            (ready <= until).then(|| self.soonest_within(to, ready, until))?
        })
    }

    fn soonest_within(&self, to: &Place, ready: i32, until: i32) -> Option<i32> {
        let from = self.place;
        let minutes = self.minutes(from, to, ready);
        let at_once = (ready + minutes <= until).then_some((ready + minutes, ready));
        if !self.model.travel.is_hourly(from, to) {
            return at_once.map(|(_, departure)| departure);
        }
        let next_hour = ready.div_euclid(60) + 1;
        let later = (next_hour..=until.div_euclid(60)).map(|hour| {
            let departure = hour * 60;
            (departure + self.minutes(from, to, departure), departure)
        });
        let first = at_once.into_iter().chain(later).min()?;
        (first.0 <= until).then_some(first.1)
    }

    /// The last departure from `ready` on that arrives by `deadline`, both on one day.
    fn last(&self, to: &Place, ready: i32, deadline: i32) -> i32 {
        let in_gaps = self.gaps.iter().rev().find_map(|&(from, until)| {
            let (ready, deadline) = (ready.max(from), deadline.min(until));
            (ready <= deadline).then(|| self.last_within(to, ready, deadline))?
        });
        in_gaps.unwrap_or(ready)
    }

    fn last_within(&self, to: &Place, ready: i32, deadline: i32) -> Option<i32> {
        let from = self.place;
        if !self.model.travel.is_hourly(from, to) {
            let departure = deadline - self.minutes(from, to, deadline);
            return (departure >= ready).then_some(departure);
        }
        let hours = (ready.div_euclid(60)..=deadline.div_euclid(60)).rev();
        hours
            .filter_map(|hour| {
                let way = self.minutes(from, to, hour * 60);
                let departure = (hour * 60 + 59).min(deadline - way);
                (departure >= ready.max(hour * 60)).then_some(departure)
            })
            .max()
    }

    /// A comfortable departure on a day without visits: after work when the team has been at home, else at the
    /// beginning of working hours, else as early as needed; `None` when it is too late on that day.
    fn comfortable(&self, to: &Place, day: i32, after_work: bool) -> Option<i32> {
        let settings = &self.model.problem.settings;
        let latest = self.latest(day);
        let fits = |minute: u16| {
            let departure = on_day(day as usize, minute);
            let arrival = departure + self.minutes(self.place, to, departure);
            let is_free = departure >= self.ready
                && self
                    .gaps
                    .iter()
                    .any(|&(from, until)| from <= departure && arrival <= until);
            (is_free && arrival <= latest).then_some(departure)
        };
        let work = after_work
            .then(|| fits(settings.work_until_minute))
            .flatten();
        work.or_else(|| fits(settings.work_from_minute))
            .or_else(|| self.soonest(to, self.ready.max(self.morning(day)), latest))
    }

    /// The first comfortable departure on one of several days.
    fn comfortable_on(
        &self,
        to: &Place,
        mut days: impl Iterator<Item = i32>,
        after_work: bool,
    ) -> Option<i32> {
        days.find_map(|day| self.comfortable(to, day, after_work))
    }

    fn happens(&mut self, day: usize) {
        let first = self.events.map_or(day, |(first, _)| first);
        self.events = Some((first, day));
    }

    /// It is no longer where `now` has found it.
    fn moves_on(&mut self) {
        (self.gate, self.is_resting) = (None, false);
    }

    /// Takes over what has happened on a day.
    fn happened(&mut self, day: usize, past: &'a DayPlan) {
        let Some(own) = self.days.get_mut(day) else {
            return;
        };
        own.legs.clone_from(&past.legs);
        own.stops.clone_from(&past.stops);
        let leg = past.legs.last().map(|leg| (leg.from_minute, &leg.to_city));
        let stop = past
            .stops
            .last()
            .map(|stop| (stop.begin_minute, &stop.city));
        if let Some((_, city)) = leg.max(stop) {
            self.cities[day] = Some(city);
            self.happens(day);
        }
    }

    fn leg(&mut self, to: &'a Place, departure: i32) {
        let length = i32::from(DAY_MINUTES);
        let day = departure.div_euclid(length) as usize;
        let minute = departure.rem_euclid(length) as u16;
        let way = self.model.travel.way(self.place, to, minute);
        let leg = Leg {
            from_city: self.place.city.clone(),
            to_city: to.city.clone(),
            from_minute: minute,
            until_minute: minute + way.minutes,
            mode: way.mode,
            kilometres: way.kilometres,
        };
        if let Some(own) = self.days.get_mut(day) {
            own.legs.push(leg);
            self.cities[day] = Some(&to.city);
            self.happens(day);
        }
        self.place = to;
        self.ready = departure + i32::from(way.minutes);
        self.ends_with_leg = true;
        self.moves_on();
    }

    /// Goes to another city on the evening of the day, or on a later day but before the given one; a hotel follows.
    /// False when only the morning of the given day is left.
    fn ahead(&mut self, to: &'a Place, day: i32) -> bool {
        let today = self.today();
        let departure = if self.is_visiting {
            let at_once = self.soonest(to, self.ready, self.latest(today));
            at_once.or_else(|| self.comfortable_on(to, today + 1..day, false))
        } else if self.is_resting {
            self.comfortable_on(to, today..day, false)
        } else {
            // At home, or in a hotel: the evening before.
            self.comfortable_on(to, (today..day).rev(), true)
        };
        if let Some(departure) = departure {
            self.leg(to, departure);
        }
        departure.is_some()
    }

    /// The departure for a place where the team must be at a time of the day on which it is.
    fn departure(&self, to: &Place, time: i32) -> i32 {
        if self.is_visiting {
            self.soonest(to, self.ready, time).unwrap_or(self.ready)
        } else {
            // Nobody waits at a company's gate in the morning who can leave later.
            self.last(to, self.ready, time)
        }
    }

    /// The day on which it goes on; who is free at night leaves in the morning.
    fn today(&mut self) -> i32 {
        let today = self.ready.div_euclid(i32::from(DAY_MINUTES));
        self.ready = self.ready.max(self.morning(today));
        today
    }

    /// Goes on to a day on which it is to be at a place.
    fn go_on(&mut self, to: &'a Place, day: i32) {
        if self.today() < day {
            if self.place.city != to.city {
                self.ahead(to, day);
            }
            self.is_visiting = false;
            self.moves_on();
            self.ready = self.morning(day);
        }
    }

    /// Waits where it is held up, which it has reached before.
    fn wait(&mut self, hold: &'a Hold) {
        let Some(to) = &hold.place else {
            return;
        };
        self.go_on(to, i32::from(hold.day));
        if self.place.city == to.city {
            self.place = to;
            self.ends_with_leg = true;
        } else {
            let departure = self.departure(to, at(hold.from()));
            self.leg(to, departure);
        }
        self.ready = self.ready.max(at(hold.until()));
        self.is_visiting = true;
        self.moves_on();
    }

    fn visit(&mut self, location: usize, begin: i32) {
        let to = self.model.place(location);
        let length = i32::from(DAY_MINUTES);
        let day = begin.div_euclid(length);
        self.go_on(to, day);
        let candidate = self.model.candidate(location);
        if self.gate == Some(candidate.id) {
            // It has come to the gate already.
            self.place = to;
        } else {
            let departure = self.departure(to, begin);
            self.leg(to, departure);
        }
        let minute = begin.rem_euclid(length) as u16;
        if let Some(own) = self.days.get_mut(day as usize) {
            let arrive = own.legs.last().map_or(minute, |leg| leg.until_minute);
            own.stops.push(Stop {
                candidate_id: candidate.id,
                city: to.city.clone(),
                arrive_minute: arrive,
                begin_minute: minute,
                end_minute: minute + candidate.duration_minutes,
            });
            self.happens(day as usize);
            self.cities[day as usize] = Some(&to.city);
        }
        self.ready = begin + i32::from(candidate.duration_minutes);
        self.is_visiting = true;
        self.ends_with_leg = false;
        self.moves_on();
    }

    /// To a given hotel, where the team leaves on the next morning.
    fn night(&mut self, day: usize, hotel: &'a Place) {
        if self.place.city == hotel.city {
            self.place = hotel;
        } else {
            self.ahead(hotel, day as i32 + 1);
        }
        self.cities[day] = Some(&hotel.city);
        self.ready = self.morning(day as i32 + 1);
        self.is_visiting = false;
        self.moves_on();
    }

    fn end(&mut self, end: &'a Place, last: usize) {
        let is_home = self.place.city == end.city && self.ends_with_leg;
        if !self.model.problem.settings.last_day_home || is_home {
            return;
        }
        let today = self.today();
        let at_once = self.soonest(end, self.ready, self.latest(today));
        let days = today..=last as i32;
        let departure = match at_once {
            departure if self.is_visiting => {
                departure.or_else(|| self.comfortable_on(end, days.skip(1), false))
            }
            _ => self.comfortable_on(end, days, false),
        };
        if let Some(departure) = departure {
            self.leg(end, departure);
        }
    }

    fn finish(mut self, team: usize) -> TeamPlan {
        let mut city = Some(self.model.problem.teams[team].start.city.as_str());
        for (day, plan) in self.days.iter_mut().enumerate() {
            city = self.cities[day].or(city);
            let is_given = self.model.problem.teams[team]
                .nights
                .iter()
                .any(|night| usize::from(night.day) == day);
            let is_away = self
                .events
                .is_some_and(|(first, last)| first <= day && day < last);
            if is_given || is_away {
                plan.hotel_city = city.map(str::to_owned);
            }
        }
        let travel_minutes = self
            .days
            .iter()
            .flat_map(|day| &day.legs)
            .map(|leg| u32::from(leg.until_minute.saturating_sub(leg.from_minute)))
            .sum();
        TeamPlan {
            visits: self.days.iter().map(|day| day.stops.len()).sum::<usize>() as u16,
            travel_minutes,
            days: self.days,
        }
    }
}
