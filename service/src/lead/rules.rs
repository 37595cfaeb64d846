//! The rules of the pipeline as dated data, and the calendar that their working days follow.

use std::collections::HashMap;

use domain::{
    account::{Action, Actor},
    calendar::{CalendarYear, CalendarYearView, WorkCalendar, read_calendar},
    lead::{DatedRulePack, PipelineRules, RulePack},
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{stage_rule_pack, work_calendar_year};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::json;

use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    require, without_nul,
};

/// What leads are judged by today.
pub(crate) struct RulesInForce {
    pub(crate) pack: RulePack,
    pub(crate) calendar: WorkCalendar,
}

impl Service {
    /// The rule pack and the calendar, read once for all that is asked of a page.
    pub(crate) async fn rules_in_force(&self) -> ServiceResult<RulesInForce> {
        let database = self.database.read();
        Ok(RulesInForce {
            pack: self.rule_pack(database).await?,
            calendar: self.work_calendar(database).await?,
        })
    }

    /// The rule pack in force today: the latest of those whose day has come, else the one that comes with the program.
    pub(crate) async fn rule_pack(
        &self,
        connection: &impl ConnectionTrait,
    ) -> ServiceResult<RulePack> {
        let row = stage_rule_pack::Entity::find()
            .filter(stage_rule_pack::Column::EffectiveOn.lte(self.today()))
            .order_by_desc(stage_rule_pack::Column::EffectiveOn)
            .order_by_desc(stage_rule_pack::Column::Id)
            .one(connection)
            .await?;
        match row {
            Some(row) => serde_json::from_value(row.value).map_err(ServiceError::internal),
            None => RulePack::shipped().map_err(ServiceError::internal),
        }
    }

    /// The calendar that came with the program, with the years that were imported.
    async fn work_calendar(
        &self,
        connection: &impl ConnectionTrait,
    ) -> ServiceResult<WorkCalendar> {
        let mut calendar = WorkCalendar::shipped().map_err(ServiceError::internal)?;
        for row in work_calendar_year::Entity::find().all(connection).await? {
            calendar.put(serde_json::from_value(row.value).map_err(ServiceError::internal)?);
        }
        Ok(calendar)
    }

    /// Every pack there was and will be, and the calendar.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn pipeline_rules(&self, actor: &Actor) -> ServiceResult<PipelineRules> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let rows = stage_rule_pack::Entity::find()
            .order_by_desc(stage_rule_pack::Column::EffectiveOn)
            .order_by_desc(stage_rule_pack::Column::Id)
            .all(database)
            .await?;
        let years = work_calendar_year::Entity::find().all(database).await?;
        let people = self
            .account_names(
                rows.iter()
                    .map(|row| row.account_id)
                    .chain(years.iter().map(|year| year.account_id)),
            )
            .await?;
        let today = self.today();
        let in_force = rows
            .iter()
            .find(|row| row.effective_on <= today)
            .map(|row| row.id);
        let mut packs = Vec::with_capacity(rows.len() + 1);
        for row in rows {
            packs.push(DatedRulePack {
                in_force: in_force == Some(row.id),
                id: Some(row.id),
                pack: serde_json::from_value(row.value).map_err(ServiceError::internal)?,
                by: people.get(&row.account_id).cloned(),
                created_at: Some(row.created_at),
            });
        }
        packs.push(DatedRulePack {
            id: None,
            pack: RulePack::shipped().map_err(ServiceError::internal)?,
            by: None,
            created_at: None,
            in_force: in_force.is_none(),
        });
        let imported: HashMap<i32, work_calendar_year::Model> =
            years.into_iter().map(|row| (row.year, row)).collect();
        let calendar = self
            .work_calendar(database)
            .await?
            .years()
            .map(|year| {
                let row = imported.get(&year.year);
                CalendarYearView::new(
                    year.clone(),
                    row.and_then(|row| people.get(&row.account_id).cloned()),
                    row.map(|row| row.imported_at),
                )
            })
            .collect();
        Ok(PipelineRules {
            packs,
            calendar,
            may_edit: actor.may(Action::EditRules),
        })
    }

    /// Lets other rules hold from a day on, and returns their id. What was entered under the rules before stays as it
    /// was judged: each entry keeps the version.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every field that cannot be; [`Problem::Forbidden`].
    pub async fn set_rule_pack(&self, actor: &Actor, mut pack: RulePack) -> ServiceResult<i64> {
        require(actor, Action::EditRules)?;
        for text in [&mut pack.version, &mut pack.source] {
            without_nul(text);
            *text = text.trim().to_owned();
        }
        let mut fields = pack.problems();
        // Yesterday's leads were judged by yesterday's rules.
        if pack.effective_from < self.today() {
            fields.push(FieldProblem::new(
                "effective_from",
                FieldProblemKind::InThePast,
            ));
        }
        let transaction = self.database.begin().await?;
        let taken = stage_rule_pack::Entity::find()
            .filter(stage_rule_pack::Column::Version.eq(&pack.version))
            .one(&transaction)
            .await?
            .is_some();
        let shipped = RulePack::shipped().map_err(ServiceError::internal)?;
        if taken || shipped.version == pack.version {
            fields.push(FieldProblem::new("version", FieldProblemKind::Taken));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let value = serde_json::to_value(&pack).map_err(ServiceError::internal)?;
        let row = stage_rule_pack::ActiveModel {
            version: Set(pack.version),
            effective_on: Set(pack.effective_from),
            value: Set(value.clone()),
            account_id: Set(actor.account_id),
            created_at: Set(self.now()),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action: "add",
                entity: "stage_rule_pack",
                entity_id: row.id,
                before: None,
                after: Some(value),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// The same from a file: the JSON of a [`RulePack`].
    ///
    /// # Errors
    /// As [`Service::set_rule_pack`]; [`Problem::RuleFile`] with what stands in the way of reading it.
    pub async fn upload_rule_pack(&self, actor: &Actor, bytes: &[u8]) -> ServiceResult<i64> {
        require(actor, Action::EditRules)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let pack = serde_json::from_slice(bytes).map_err(|error| Problem::RuleFile {
            line: error.line(),
            column: error.column(),
        })?;
        self.set_rule_pack(actor, pack).await
    }

    /// Takes a year of the calendar from JSON, in the place of the one that was known.
    ///
    /// # Errors
    /// [`Problem::Calendar`], [`Problem::Forbidden`]. Nothing is written then.
    pub async fn import_calendar(
        &self,
        actor: &Actor,
        bytes: &[u8],
    ) -> ServiceResult<CalendarYear> {
        require(actor, Action::EditRules)?;
        let text = String::from_utf8_lossy(bytes);
        let year = read_calendar(text.trim_start_matches('\u{feff}'))
            .map_err(|problem| Problem::Calendar { problem })?;
        let transaction = self.database.begin().await?;
        let held = work_calendar_year::Entity::find()
            .filter(work_calendar_year::Column::Year.eq(year.year))
            .one(&transaction)
            .await?;
        let value = serde_json::to_value(&year).map_err(ServiceError::internal)?;
        let row = work_calendar_year::ActiveModel {
            id: held.as_ref().map_or(NotSet, |held| Set(held.id)),
            year: Set(year.year),
            value: Set(value.clone()),
            account_id: Set(actor.account_id),
            imported_at: Set(self.now()),
        };
        let stored = if held.is_some() {
            row.update(&transaction).await?
        } else {
            row.insert(&transaction).await?
        };
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action: if held.is_some() { "replace" } else { "add" },
                entity: "work_calendar_year",
                entity_id: stored.id,
                before: held.map(|held| held.value),
                after: Some(json!(value)),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(year)
    }
}
