//! Who listens for notices on this server, and one loop that tells them all. The truth is in the database: several
//! servers on one database each look there for their own listeners, with one query a round.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::response::sse::Event;
use domain::{account::Actor, notice::NoticeSignal};
use service::{Service, ServiceResult};
use tokio::sync::{mpsc, watch};

/// Time between two looks at the database.
const ROUND: Duration = Duration::from_secs(2);
/// Rounds after which it is asked whether the listeners are still signed in.
const CHECK_ROUNDS: u32 = 5;
/// Streams that one person may hold on one server.
pub const STREAMS_A_PERSON: usize = 8;
/// Events that a listener may be behind; one that does not read is let go, and comes back with its last number.
const BEHIND: usize = 16;
/// After this the browser comes back, in milliseconds.
const RETRY: Duration = Duration::from_secs(5);

/// Why nobody may listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The person listens in too many places.
    TooMany,
    /// The server ends.
    Stopping,
}

/// What a stream carries.
pub type Told = Result<Event, std::convert::Infallible>;

struct Listener {
    number: u64,
    actor: Actor,
    /// The session's token.
    session: String,
    sender: mpsc::Sender<Told>,
    /// What it was told last: how many, and the latest notice.
    told: Option<(NoticeSignal, i64)>,
}

#[derive(Default)]
struct Listeners {
    all: Vec<Listener>,
    /// Whether the loop runs. It ends with the last listener.
    is_running: bool,
    next_number: u64,
}

/// The listeners of this server.
#[derive(Clone)]
pub struct NoticeHub {
    listeners: Arc<Mutex<Listeners>>,
    stop: Arc<watch::Sender<bool>>,
}

impl Default for NoticeHub {
    fn default() -> Self {
        Self {
            listeners: Arc::default(),
            stop: Arc::new(watch::Sender::new(false)),
        }
    }
}

impl NoticeHub {
    /// Ends all streams, and lets nobody listen any more: an open stream would hold up the server's end.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        self.with(|listeners| listeners.all.clear());
    }

    fn with<T>(&self, act: impl FnOnce(&mut Listeners) -> T) -> T {
        // A panic under the lock leaves a list of listeners, which is whole whatever happened.
        act(&mut self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets a person listen. The first event says how many notices wait, unless `last_id` is the latest of them
    /// already; further ones come when the number changes or there is a later one.
    ///
    /// # Errors
    /// [`Closed`].
    pub async fn listen(
        &self,
        service: &Service,
        actor: Actor,
        session: String,
        last_id: Option<i64>,
    ) -> Result<mpsc::Receiver<Told>, Closed> {
        let (sender, receiver) = mpsc::channel(BEHIND);
        let account_id = actor.account_id;
        let (number, starts) = self.with(|listeners| {
            if *self.stop.borrow() {
                return Err(Closed::Stopping);
            }
            listeners
                .all
                .retain(|listener| !listener.sender.is_closed());
            let own = listeners
                .all
                .iter()
                .filter(|listener| listener.actor.account_id == account_id)
                .count();
            if own >= STREAMS_A_PERSON {
                return Err(Closed::TooMany);
            }
            let number = listeners.next_number;
            listeners.next_number += 1;
            listeners.all.push(Listener {
                number,
                actor: actor.clone(),
                session,
                sender,
                told: None,
            });
            Ok((number, !std::mem::replace(&mut listeners.is_running, true)))
        })?;
        if starts {
            tokio::spawn(run(self.clone(), service.clone()));
        }
        // At once, so that nobody waits a round for the number that the page may have missed.
        match service.notice_signals(std::slice::from_ref(&actor)).await {
            Ok(signals) => {
                let now = signal_of(&signals, account_id);
                self.with(|listeners| {
                    for listener in &mut listeners.all {
                        if listener.number == number {
                            if last_id.is_some_and(|last_id| now.1 <= last_id) {
                                listener.told = Some(now);
                            } else {
                                listener.tell(now, true);
                            }
                        }
                    }
                });
            }
            // The next round asks again.
            Err(error) => tracing::warn!(%error, "notices"),
        }
        Ok(receiver)
    }

    /// Tells every listener what is new to them.
    async fn round(&self, service: &Service) -> ServiceResult<()> {
        let people: HashMap<i64, Actor> = self.with(|listeners| {
            listeners
                .all
                .retain(|listener| !listener.sender.is_closed());
            listeners
                .all
                .iter()
                .map(|listener| (listener.actor.account_id, listener.actor.clone()))
                .collect()
        });
        if people.is_empty() {
            return Ok(());
        }
        let asked: Vec<Actor> = people.values().cloned().collect();
        let signals = service.notice_signals(&asked).await?;
        self.with(|listeners| {
            listeners.all.retain_mut(|listener| {
                let account_id = listener.actor.account_id;
                // Who came while the database was asked is told by the next round.
                !people.contains_key(&account_id)
                    || listener.tell(signal_of(&signals, account_id), false)
            });
        });
        Ok(())
    }

    /// Ends the streams of those whose session is over, and learns the rights of the others anew.
    async fn check(&self, service: &Service) -> ServiceResult<()> {
        let sessions: HashSet<String> = self.with(|listeners| {
            listeners
                .all
                .iter()
                .map(|listener| listener.session.clone())
                .collect()
        });
        let asked: Vec<String> = sessions.iter().cloned().collect();
        let actors = service.actors_by_session(&asked).await?;
        self.with(|listeners| {
            listeners.all.retain_mut(|listener| {
                if !sessions.contains(&listener.session) {
                    return true;
                }
                match actors.get(&listener.session) {
                    Some(actor) => {
                        listener.actor = actor.clone();
                        true
                    }
                    None => false,
                }
            });
        });
        Ok(())
    }
}

fn signal_of(signals: &HashMap<i64, (NoticeSignal, i64)>, account_id: i64) -> (NoticeSignal, i64) {
    signals
        .get(&account_id)
        .copied()
        .unwrap_or((NoticeSignal { unread: 0 }, 0))
}

impl Listener {
    /// Sends the number when it is news. False for a listener that does not read.
    fn tell(&mut self, now: (NoticeSignal, i64), is_first: bool) -> bool {
        // The number of the latest never goes back: what was read does not come again after a break.
        let latest = Ord::max(now.1, self.told.map_or(0, |(_, latest)| latest));
        let now = (now.0, latest);
        if self.told == Some(now) {
            return true;
        }
        self.told = Some(now);
        let data = serde_json::to_string(&now.0).unwrap_or_default();
        let mut event = Event::default().data(data).id(latest.to_string());
        if is_first {
            event = event.retry(RETRY);
        }
        self.sender.try_send(Ok(event)).is_ok()
    }
}

async fn run(hub: NoticeHub, service: Service) {
    let mut stop = hub.stop.subscribe();
    let mut rounds = 0_u32;
    let mut is_down = false;
    loop {
        if tokio::time::timeout(ROUND, stop.wait_for(|stop| *stop))
            .await
            .is_ok()
        {
            break;
        }
        let has_ended = hub.with(|listeners| {
            listeners
                .all
                .retain(|listener| !listener.sender.is_closed());
            if listeners.all.is_empty() {
                listeners.is_running = false;
            }
            listeners.all.is_empty()
        });
        if has_ended {
            break;
        }
        rounds = rounds.wrapping_add(1);
        let outcome = async {
            if rounds.is_multiple_of(CHECK_ROUNDS) {
                hub.check(&service).await?;
            }
            hub.round(&service).await
        }
        .await;
        match outcome {
            Ok(()) => is_down = false,
            Err(error) if !is_down => {
                tracing::error!(%error, "notices: down, tried again until it works");
                is_down = true;
            }
            Err(_) => {}
        }
    }
}
