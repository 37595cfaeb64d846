//! What was written down of a visit on a trip.

use sea_orm::entity::prelude::*;

/// What was written down of a visit on a trip.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub trip_id: i64,
    pub enterprise_id: i64,
    /// `None` once the lead was removed for good.
    pub lead_id: Option<i64>,
    pub account_id: i64,
    /// Made up on the phone, once for each visit.
    #[sea_orm(unique)]
    pub mark: String,
    pub visited_on: Date,
    /// Since the zone's midnight.
    pub begin_minute: i32,
    pub outcome: String,
    /// 1 to 5.
    pub interest: Option<i32>,
    /// Names of those who were met.
    #[sea_orm(column_type = "JsonBinary")]
    pub people: Json,
    #[sea_orm(column_type = "Text")]
    pub remark: String,
    #[sea_orm(column_type = "Text")]
    pub next_step: String,
    pub next_on: Option<Date>,
    pub photos: i32,
    /// The lead's stage at that time.
    pub stage: i32,
    /// Ids of the commitments that were made.
    #[sea_orm(column_type = "JsonBinary")]
    pub commitments: Json,
    pub written_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    /// Ids of what else came of it: the line on the timeline, contacts, task, files.
    #[sea_orm(column_type = "JsonBinary")]
    pub parts: Option<Json>,
    /// It was a mistake.
    pub withdrawn_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
