//! From the order of visits to legs, stops and hotels, by what a plan assumes (see the parent module).

use super::model::{Model, on_day, opening};
use super::search::Stop as Visit;
use super::{DAY_MINUTES, DayPlan, Leg, Place, Stop, TeamPlan};

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
    let mut writer = Writer {
        model,
        days,
        place: &own.start,
        ready: 0,
        is_visiting: false,
        ends_with_leg: true,
        events: None,
        cities: vec![None; model.problem.days.len()],
    };
    for (stretch, visits) in model.stretches.iter().zip(routes) {
        if stretch.team != team {
            continue;
        }
        writer.ready = opening(model.problem, *stretch);
        for visit in visits {
            writer.visit(visit.location, visit.begin);
        }
        let night = own
            .nights
            .iter()
            .find(|night| usize::from(night.day) == stretch.last);
        match night {
            Some(hotel) => writer.night(stretch.last, &hotel.place),
            None => writer.end(&own.end),
        }
    }
    writer.finish(team)
}

struct Writer<'a> {
    model: &'a Model<'a>,
    days: Vec<DayPlan>,
    place: &'a Place,
    /// From when on the team may leave, in minutes of the trip.
    ready: i32,
    /// Whether it is at a company: then it goes on at once. From a hotel or from home it leaves as late as it can.
    is_visiting: bool,
    ends_with_leg: bool,
    /// The first and the last day with a leg or a stop.
    events: Option<(usize, usize)>,
    /// Where the team is at the end of each day, if it has moved on that day.
    cities: Vec<Option<&'a str>>,
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
        let from = self.place;
        if !self.model.travel.is_hourly(from, to) {
            return (deadline - self.minutes(from, to, deadline)).max(ready);
        }
        let hours = (ready.div_euclid(60)..=deadline.div_euclid(60)).rev();
        hours
            .filter_map(|hour| {
                let way = self.minutes(from, to, hour * 60);
                let departure = (hour * 60 + 59).min(deadline - way);
                (departure >= ready.max(hour * 60)).then_some(departure)
            })
            .max()
            .unwrap_or(ready)
    }

    /// A comfortable departure on a day without visits: after work when the team has been at home, else at the
    /// beginning of working hours, else as early as needed; `None` when it is too late on that day.
    fn comfortable(&self, to: &Place, day: i32, after_work: bool) -> Option<i32> {
        let settings = &self.model.problem.settings;
        let latest = self.latest(day);
        let fits = |minute: u16| {
            let departure = on_day(day as usize, minute);
            let is_free = departure >= self.ready;
            let in_time = departure + self.minutes(self.place, to, departure) <= latest;
            (is_free && in_time).then_some(departure)
        };
        let work = after_work
            .then(|| fits(settings.work_until_minute))
            .flatten();
        work.or_else(|| fits(settings.work_from_minute))
            .or_else(|| self.soonest(to, self.ready.max(self.morning(day)), latest))
    }

    fn happens(&mut self, day: usize) {
        let first = self.events.map_or(day, |(first, _)| first);
        self.events = Some((first, day));
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
    }

    /// Goes to another city on the evening of the day, or on a later day but before the given one; a hotel follows.
    /// False when only the morning of the given day is left.
    fn ahead(&mut self, to: &'a Place, day: i32) -> bool {
        let today = self.ready.div_euclid(i32::from(DAY_MINUTES));
        if !self.is_visiting {
            // At home, or in a hotel: the evening before.
            let departure = self.comfortable(to, day - 1, true);
            if let Some(departure) = departure {
                self.leg(to, departure);
            }
            return departure.is_some();
        }
        if let Some(departure) = self.soonest(to, self.ready, self.latest(today)) {
            self.leg(to, departure);
            return true;
        }
        let next = (today + 1 < day).then(|| self.comfortable(to, today + 1, false));
        if let Some(departure) = next.flatten() {
            self.leg(to, departure);
            return true;
        }
        false
    }

    fn visit(&mut self, location: usize, begin: i32) {
        let to = self.model.place(location);
        let length = i32::from(DAY_MINUTES);
        let day = begin.div_euclid(length);
        let today = self.ready.div_euclid(length);
        if today < day {
            if self.place.city != to.city {
                self.ahead(to, day);
            }
            self.is_visiting = false;
            self.ready = self.morning(day);
        }
        let departure = if self.is_visiting {
            self.soonest(to, self.ready, begin).unwrap_or(self.ready)
        } else {
            // Nobody waits at a company's gate in the morning who can leave later.
            self.last(to, self.ready, begin)
        };
        self.leg(to, departure);
        let candidate = self.model.candidate(location);
        let minute = begin.rem_euclid(length) as u16;
        let arrive = self.ready.rem_euclid(length) as u16;
        if let Some(own) = self.days.get_mut(day as usize) {
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
    }

    fn end(&mut self, end: &'a Place) {
        let is_home = self.place.city == end.city && self.ends_with_leg;
        if !self.model.problem.settings.last_day_home || is_home {
            return;
        }
        let today = self.ready.div_euclid(i32::from(DAY_MINUTES));
        let at_once = self.soonest(end, self.ready, self.latest(today));
        let today_still = match at_once {
            departure if self.is_visiting => departure,
            _ => self.comfortable(end, today, false),
        };
        let departure = today_still.or_else(|| self.comfortable(end, today + 1, false));
        if let Some(departure) = departure {
            self.leg(end, departure);
        }
    }

    fn finish(mut self, team: usize) -> TeamPlan {
        let mut city = None;
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
            .map(|leg| u32::from(leg.until_minute - leg.from_minute))
            .sum();
        TeamPlan {
            visits: self.days.iter().map(|day| day.stops.len()).sum::<usize>() as u16,
            travel_minutes,
            days: self.days,
        }
    }
}
