//! What a company's page (企业画像) says beyond its record: who here would buy from it and sell to it, who makes the like, and
//! what we have had to do with it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{SupplyGuess, SupplyLink, TripPast, TurnedDown};
use crate::{lead::Stage, place::Place, region::Area};

/// Companies that make the like, at most.
pub const PEERS: usize = 8;
/// Links and visits that are shown.
pub const PORTRAIT_LINES: usize = 12;

/// A company that makes what this one makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    pub enterprise_id: i64,
    pub name: String,
    pub province: Option<String>,
    pub city: Option<String>,
    pub is_local: bool,
    /// In 0..=1, 1 for the one that is most alike.
    pub likeness: f64,
    /// Its first products.
    pub products: Vec<String>,
}

/// A visit or talk on record, of a lead that the reader may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastContact {
    pub lead_id: i64,
    pub at: DateTime<Utc>,
    /// The kind of the event, as `EventKind` names it.
    pub kind: String,
    pub body: String,
}

/// A lead with the company that is over, of those that the reader may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastLead {
    pub lead_id: i64,
    pub title: String,
    pub stage: Stage,
    pub bureau: String,
    pub ended_on: NaiveDate,
}

/// A file of a lead with the company, of a lead that the reader may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastFile {
    pub lead_id: i64,
    pub file_id: i64,
    pub name: String,
    /// In bytes.
    pub size: i64,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Portrait {
    /// Strongest first; `None` when the reference graph knows none of its products.
    pub supply: Option<Vec<SupplyLink>>,
    /// What it probably buys here though no relation is on record, surest first.
    pub guesses: Vec<SupplyGuess>,
    /// Most alike first; `None` while the search is away.
    pub peers: Option<Vec<Peer>>,
    /// From the zone, as the crow flies.
    pub kilometres: Option<f64>,
    pub trip: Option<TripPast>,
    pub turned_down: Option<TurnedDown>,
    /// Newest first.
    pub contacts: Vec<PastContact>,
    pub past_leads: Vec<PastLead>,
    /// Newest first.
    pub files: Vec<PastFile>,
    /// Where the zone lies.
    pub zone: Place,
    /// The company's own city first, then those of its places of business, each once.
    pub areas: Vec<Area>,
}
