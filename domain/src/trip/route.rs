//! The timing of one team's route: when each visit begins, where each night is spent, what still fits.

use super::{Candidate, TravelEstimate, TravelMatrix, TravelMode, TripProblem};

/// Node of the start in the travel matrix.
pub(super) const START: usize = 0;
/// Node of the end in the travel matrix.
pub(super) const END: usize = 1;
const FIRST_VISIT: usize = 2;

/// A span of minutes in which a visit may begin, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slot {
    pub(super) earliest: i32,
    pub(super) latest: i32,
}

/// A candidate that has a place and at least one slot.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    /// Index in the problem's candidates.
    pub(super) source: usize,
    pub(super) value: f64,
    pub(super) required: bool,
    pub(super) pinned: bool,
    pub(super) fixed_team: Option<usize>,
    duration: i32,
}

/// The problem in the form that the search reads fastest.
pub(super) struct Model {
    pub(super) days: usize,
    pub(super) teams: usize,
    pub(super) visits: Vec<Visit>,
    home: bool,
    earliest: i32,
    latest: i32,
    work_from: i32,
    work_until: i32,
    matrix: TravelMatrix,
    minutes: Vec<i32>,
    city: Vec<usize>,
    /// Slots by visit and day.
    slots: Vec<Vec<Slot>>,
}

/// Where and when a team is free to go.
#[derive(Clone, Copy)]
struct Departure {
    day: usize,
    node: usize,
    minute: i32,
}

impl Model {
    pub(super) fn new(problem: &TripProblem) -> Self {
        let days = problem.days.len();
        let settings = &problem.settings;
        let mut places = vec![&problem.start, &problem.end];
        let mut visits = Vec::new();
        let mut slots = Vec::new();
        for (source, candidate) in problem.candidates.iter().enumerate() {
            let Some(place) = &candidate.place else {
                continue;
            };
            let fixed_team = candidate.fixed_team.map(usize::from);
            if fixed_team.is_some_and(|team| team >= usize::from(problem.teams)) {
                continue;
            }
            let own: Vec<Vec<Slot>> = (0..days)
                .map(|day| demanded_slots(problem, candidate, day))
                .collect();
            if own.iter().all(Vec::is_empty) {
                continue;
            }
            places.push(place);
            slots.extend(own);
            visits.push(Visit {
                source,
                value: candidate.value,
                required: candidate.required,
                pinned: candidate.fixed_minute.is_some() || candidate.fixed_day.is_some(),
                fixed_team,
                duration: i32::from(candidate.duration_minutes),
            });
        }
        let matrix = TravelMatrix::new(&places, settings);
        let mut minutes = Vec::with_capacity(places.len() * places.len());
        for from in 0..places.len() {
            for to in 0..places.len() {
                minutes.push(
                    matrix
                        .get(from, to)
                        .map_or(i32::from(u16::MAX), |way| i32::from(way.minutes)),
                );
            }
        }
        let city = places
            .iter()
            .enumerate()
            .map(|(node, place)| {
                places
                    .iter()
                    .position(|other| other.city == place.city)
                    .unwrap_or(node)
            })
            .collect();
        Self {
            days,
            teams: usize::from(problem.teams),
            visits,
            home: settings.last_day_home,
            earliest: i32::from(settings.earliest_departure_minute),
            latest: i32::from(settings.latest_arrival_minute),
            work_from: i32::from(settings.work_from_minute),
            work_until: i32::from(settings.work_until_minute),
            matrix,
            minutes,
            city,
            slots,
        }
    }

    pub(super) fn node(visit: usize) -> usize {
        visit + FIRST_VISIT
    }

    pub(super) fn minutes(&self, from: usize, to: usize) -> i32 {
        self.minutes[from * self.city.len() + to]
    }

    pub(super) fn way(&self, from: usize, to: usize) -> TravelEstimate {
        self.matrix
            .get(from, to)
            .cloned()
            .unwrap_or(TravelEstimate {
                minutes: u16::MAX,
                mode: TravelMode::Road,
                kilometres: 0.0,
            })
    }

    pub(super) fn same_city(&self, one: usize, other: usize) -> bool {
        self.city[one] == self.city[other]
    }

    pub(super) fn is_open(&self, visit: usize, day: usize) -> bool {
        !self.slots[visit * self.days + day].is_empty()
    }

    /// When the visit begins if the team is there at `minute`, and how much too late that is.
    fn begin(&self, visit: usize, day: usize, minute: i32) -> (i32, i32) {
        let slots = &self.slots[visit * self.days + day];
        for slot in slots {
            if minute <= slot.latest {
                return (minute.max(slot.earliest), 0);
            }
        }
        let latest = slots.last().map_or(0, |slot| slot.latest);
        (minute, minute - latest)
    }

    /// Whether a journey that needs a day without visits arrives too late, and by how much.
    fn day_lateness(&self, from: usize, to: usize) -> i32 {
        (self.earliest + self.minutes(from, to) - self.latest).max(0)
    }

    /// Where the team wakes up before `to`, or where it ends when `to` is `None`, and the minutes too late.
    ///
    /// The answer is either the node that the team comes from or the node that it goes to: in the latter
    /// case it has travelled on the evening before, or on a day without visits between the two.
    fn transition(&self, from: Option<Departure>, to: Option<(usize, usize)>) -> (usize, i32) {
        match (from, to) {
            (None, Some((day, node))) => {
                if day == 0 || self.same_city(START, node) {
                    (START, 0)
                } else {
                    (node, self.day_lateness(START, node))
                }
            }
            (None, None) => {
                if !self.home || self.same_city(START, END) {
                    (START, 0)
                } else {
                    (END, self.day_lateness(START, END))
                }
            }
            (Some(departure), Some((day, node))) => {
                if self.same_city(departure.node, node) {
                    return (departure.node, 0);
                }
                let arrival = departure.minute + self.minutes(departure.node, node);
                if arrival <= self.latest {
                    (node, 0)
                } else if day == departure.day + 1 {
                    (departure.node, 0)
                } else {
                    (node, self.day_lateness(departure.node, node))
                }
            }
            (Some(departure), None) => {
                if !self.home {
                    return (departure.node, 0);
                }
                let arrival = departure.minute + self.minutes(departure.node, END);
                if arrival <= self.latest {
                    (END, 0)
                } else if departure.day + 1 < self.days {
                    (END, self.day_lateness(departure.node, END))
                } else {
                    (END, arrival - self.latest)
                }
            }
        }
    }

    /// Day and minute at which a journey of [`Model::transition`] leaves.
    fn leave(
        &self,
        from: Option<Departure>,
        to: Option<(usize, usize)>,
        target: usize,
    ) -> (usize, i32) {
        match from {
            Some(departure) => {
                let minutes = self.minutes(departure.node, target);
                if departure.minute + minutes <= self.latest {
                    (departure.day, departure.minute)
                } else {
                    (departure.day + 1, self.leave_empty_day(minutes, false))
                }
            }
            None => {
                let minutes = self.minutes(START, target);
                match to {
                    Some((day, _)) => (day.saturating_sub(1), self.leave_empty_day(minutes, true)),
                    None => (0, self.leave_empty_day(minutes, false)),
                }
            }
        }
    }

    /// A comfortable time to leave on a day without visits: after work when still at home, else at the
    /// beginning of working hours, else as early as needed.
    fn leave_empty_day(&self, minutes: i32, after_work: bool) -> i32 {
        if after_work && self.work_until + minutes <= self.latest {
            self.work_until
        } else if self.work_from + minutes <= self.latest {
            self.work_from
        } else {
            self.earliest
        }
    }
}

/// The slots of a candidate on a day, its fixed day and minute ignored.
pub(super) fn open_slots(problem: &TripProblem, candidate: &Candidate, day: usize) -> Vec<Slot> {
    if !problem.days.get(day).is_some_and(|day| day.working) {
        return Vec::new();
    }
    let settings = &problem.settings;
    let work = (
        i32::from(settings.work_from_minute),
        i32::from(settings.work_until_minute),
    );
    let lunch = (
        i32::from(settings.lunch_from_minute),
        i32::from(settings.lunch_until_minute),
    );
    let mut windows: Vec<(i32, i32)> = if candidate.open.is_empty() {
        vec![work]
    } else {
        candidate
            .open
            .iter()
            .filter(|window| usize::from(window.day) == day)
            .map(|window| {
                (
                    i32::from(window.from_minute).max(work.0),
                    i32::from(window.until_minute).min(work.1),
                )
            })
            .filter(|(from, until)| from < until)
            .collect()
    };
    windows.sort_unstable();
    let mut merged: Vec<(i32, i32)> = Vec::with_capacity(windows.len());
    for (from, until) in windows {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    let duration = i32::from(candidate.duration_minutes);
    let mut slots = Vec::with_capacity(merged.len() + 1);
    for (from, until) in merged {
        let parts = if lunch.0 < lunch.1 {
            [(from, until.min(lunch.0)), (from.max(lunch.1), until)]
        } else {
            [(from, until), (until, until)]
        };
        for (from, until) in parts {
            if until - from >= duration {
                slots.push(Slot {
                    earliest: from,
                    latest: until - duration,
                });
            }
        }
    }
    slots
}

/// The slots of a candidate on a day, cut down to its fixed day and minute.
fn demanded_slots(problem: &TripProblem, candidate: &Candidate, day: usize) -> Vec<Slot> {
    if candidate
        .fixed_day
        .is_some_and(|fixed| usize::from(fixed) != day)
    {
        return Vec::new();
    }
    let slots = open_slots(problem, candidate, day);
    let Some(minute) = candidate.fixed_minute.map(i32::from) else {
        return slots;
    };
    slots
        .into_iter()
        .filter(|slot| (slot.earliest..=slot.latest).contains(&minute))
        .map(|_| Slot {
            earliest: minute,
            latest: minute,
        })
        .collect()
}

/// One team's visits by day, with everything derived from them. Call [`Route::refresh`] after a change.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) days: Vec<Vec<usize>>,
    pub(super) travel: i32,
    begins: Vec<Vec<i32>>,
    /// Node where the team wakes up, on days with visits.
    mornings: Vec<usize>,
    /// Node before the first visit of each day, over empty days too.
    before: Vec<usize>,
    /// Node after the last visit of each day, over empty days too.
    after: Vec<Option<usize>>,
}

/// A journey or a visit of a finished route.
pub(super) enum Event {
    Journey {
        day: usize,
        from: usize,
        to: usize,
        minute: i32,
    },
    Meeting {
        day: usize,
        visit: usize,
        arrive: i32,
        begin: i32,
        end: i32,
    },
}

impl Route {
    pub(super) fn new(model: &Model) -> Self {
        let mut route = Self {
            days: vec![Vec::new(); model.days],
            travel: 0,
            begins: vec![Vec::new(); model.days],
            mornings: vec![START; model.days],
            before: vec![START; model.days],
            after: vec![None; model.days],
        };
        route.refresh(model);
        route
    }

    pub(super) fn visits(&self) -> impl Iterator<Item = usize> + '_ {
        self.days.iter().flatten().copied()
    }

    /// Recomputes the timing; false when the route breaks a rule.
    pub(super) fn refresh(&mut self, model: &Model) -> bool {
        let mut feasible = true;
        let mut previous: Option<Departure> = None;
        self.travel = 0;
        for day in 0..model.days {
            let origin = previous.map_or(START, |departure| departure.node);
            self.before[day] = origin;
            self.begins[day].clear();
            let Some(&first) = self.days[day].first() else {
                continue;
            };
            let (morning, late) = model.transition(previous, Some((day, Model::node(first))));
            feasible &= late == 0;
            if morning != origin {
                self.travel += model.minutes(origin, morning);
            }
            self.mornings[day] = morning;
            let mut node = morning;
            let mut minute = model.earliest;
            for &visit in &self.days[day] {
                let next = Model::node(visit);
                let way = model.minutes(node, next);
                self.travel += way;
                let (begin, late) = model.begin(visit, day, minute + way);
                feasible &= late == 0;
                self.begins[day].push(begin);
                minute = begin + model.visits[visit].duration;
                node = next;
            }
            previous = Some(Departure { day, node, minute });
        }
        let origin = previous.map_or(START, |departure| departure.node);
        let (last, late) = model.transition(previous, None);
        feasible &= late == 0;
        if last != origin {
            self.travel += model.minutes(origin, last);
        }
        let mut next = model.home.then_some(END);
        for day in (0..model.days).rev() {
            self.after[day] = next;
            if let Some(&first) = self.days[day].first() {
                next = Some(Model::node(first));
            }
        }
        feasible
    }

    fn departure(&self, model: &Model, day: usize) -> Option<Departure> {
        let visit = *self.days[day].last()?;
        let begin = *self.begins[day].last()?;
        Some(Departure {
            day,
            node: Model::node(visit),
            minute: begin + model.visits[visit].duration,
        })
    }

    /// Minutes that an insertion adds to the team's day: the visit and the way to it.
    pub(super) fn cost(&self, model: &Model, visit: usize, day: usize, position: usize) -> i32 {
        let node = Model::node(visit);
        let list = &self.days[day];
        let before = match position.checked_sub(1) {
            Some(index) => Model::node(list[index]),
            None => self.before[day],
        };
        let after = match list.get(position) {
            Some(&next) => Some(Model::node(next)),
            None => self.after[day],
        };
        let detour = match after {
            Some(after) => {
                model.minutes(before, node) + model.minutes(node, after)
                    - model.minutes(before, after)
            }
            None => model.minutes(before, node),
        };
        (model.visits[visit].duration + detour).max(1)
    }

    /// By how many minutes the worst appointment is late after an insertion: 0 when it fits, `None` as soon
    /// as it is more than `limit`. The route itself must be feasible and refreshed.
    pub(super) fn lateness(
        &self,
        model: &Model,
        visit: usize,
        day: usize,
        position: usize,
        limit: i32,
    ) -> Option<i32> {
        let list = &self.days[day];
        let mut worst = 0;
        let (mut node, mut minute) = match position.checked_sub(1) {
            Some(index) => {
                let previous = list[index];
                let end = self.begins[day][index] + model.visits[previous].duration;
                (Model::node(previous), end)
            }
            None => {
                let from = (0..day)
                    .rev()
                    .find_map(|earlier| self.departure(model, earlier));
                let (morning, late) = model.transition(from, Some((day, Model::node(visit))));
                worst = late;
                (morning, model.earliest)
            }
        };
        let target = Model::node(visit);
        let (begin, late) = model.begin(visit, day, minute + model.minutes(node, target));
        worst = worst.max(late);
        if worst > limit {
            return None;
        }
        node = target;
        minute = begin + model.visits[visit].duration;
        let mut current = day;
        let mut first = position;
        loop {
            for (index, &next) in self.days[current].iter().enumerate().skip(first) {
                let target = Model::node(next);
                let (begin, late) =
                    model.begin(next, current, minute + model.minutes(node, target));
                worst = worst.max(late);
                if worst > limit {
                    return None;
                }
                // From an appointment that keeps its time on, nothing changes.
                if begin == self.begins[current][index] {
                    return Some(worst);
                }
                node = target;
                minute = begin + model.visits[next].duration;
            }
            let departure = Some(Departure {
                day: current,
                node,
                minute,
            });
            let following = (current + 1..model.days).find(|&later| !self.days[later].is_empty());
            let to = following.map(|later| (later, Model::node(self.days[later][0])));
            let (morning, late) = model.transition(departure, to);
            worst = worst.max(late);
            if worst > limit {
                return None;
            }
            match following {
                Some(later) if morning != self.mornings[later] => {
                    current = later;
                    first = 0;
                    node = morning;
                    minute = model.earliest;
                }
                _ => return Some(worst),
            }
        }
    }

    /// All journeys and visits in order of time.
    pub(super) fn events(&self, model: &Model) -> Vec<Event> {
        let mut events = Vec::new();
        let mut previous: Option<Departure> = None;
        for day in 0..model.days {
            let Some(&first) = self.days[day].first() else {
                continue;
            };
            let to = Some((day, Model::node(first)));
            self.journey(model, previous, to, self.mornings[day], &mut events);
            let mut node = self.mornings[day];
            for (index, (&visit, &begin)) in
                self.days[day].iter().zip(&self.begins[day]).enumerate()
            {
                let target = Model::node(visit);
                let way = model.minutes(node, target);
                let minute = match (index, &previous) {
                    // Nobody waits at a company's gate in the morning who can leave later.
                    (0, _) => (begin - way).max(model.earliest),
                    (_, Some(departure)) => departure.minute,
                    (_, None) => model.earliest,
                };
                events.push(Event::Journey {
                    day,
                    from: node,
                    to: target,
                    minute,
                });
                let end = begin + model.visits[visit].duration;
                events.push(Event::Meeting {
                    day,
                    visit,
                    arrive: minute + way,
                    begin,
                    end,
                });
                node = target;
                previous = Some(Departure {
                    day,
                    node,
                    minute: end,
                });
            }
        }
        let (last, _) = model.transition(previous, None);
        self.journey(model, previous, None, last, &mut events);
        events
    }

    fn journey(
        &self,
        model: &Model,
        from: Option<Departure>,
        to: Option<(usize, usize)>,
        target: usize,
        events: &mut Vec<Event>,
    ) {
        let origin = from.map_or(START, |departure| departure.node);
        if origin == target {
            return;
        }
        let (day, minute) = model.leave(from, to, target);
        events.push(Event::Journey {
            day,
            from: origin,
            to: target,
            minute,
        });
    }
}
