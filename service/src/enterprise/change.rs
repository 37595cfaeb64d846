//! A company as people write it. What they wrote, imports leave alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate};
use domain::{
    account::{Action, Actor},
    audit::{UNDO_MINUTES, UndoRefusal},
    enterprise::{
        EnterpriseChange, EnterpriseField, EnterpriseForm, EnterpriseRecord, FieldSource, Figure,
        PLACE, SOURCE_LIMIT, Severity, WRITTEN_FIELDS, add_figure,
    },
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
};
use entity::{audit as audit_row, enterprise, enterprise_product};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Map, Value, json};

use super::{
    import::{Former, HELD, existing, insert_products},
    profile::{column, figures, provenance, sources_column},
    undo::follow,
};
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    chain::rematch_enterprises,
    clean_text, require,
    search::announce,
};

/// Acts of one person on one company that are looked through for the one to undo.
const ACTS: u64 = 50;

type Whole = (enterprise::Model, Vec<enterprise_product::Model>);

impl Service {
    /// A company as its form has it.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NotFound`].
    pub async fn enterprise_form(&self, actor: &Actor, id: i64) -> ServiceResult<EnterpriseForm> {
        require(actor, Action::ChangeEnterprise)?;
        let (model, products) = existing(self.database.read(), std::iter::once(id), None)
            .await?
            .remove(&id)
            .filter(|(model, _)| model.merged_into_id.is_none())
            .ok_or(Problem::NotFound)?;
        Ok(EnterpriseForm {
            id,
            version: model.version,
            cells: {
                let company = Former::of(&model, &products);
                let cells = WRITTEN_FIELDS.into_iter();
                cells.map(|field| (field, company.text(field))).collect()
            },
            is_local: model.is_local,
            closed: model.closed,
        })
    }

    /// Writes fields of a company and returns its new version.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NotFound`] also for a company that went into another, [`Problem::Invalid`] by
    /// field, [`Problem::Stale`] with the fields that somebody else wrote since and that would be overwritten.
    pub async fn change_enterprise(
        &self,
        actor: &Actor,
        change: EnterpriseChange,
    ) -> ServiceResult<i64> {
        require(actor, Action::ChangeEnterprise)?;
        let transaction = self.database.begin().await?;
        let (model, products) = held(&transaction, change.id).await?;
        let record = read(&change, &model.name)?;
        let mut fields = Vec::new();
        let source = clean_text("source", change.source.clone(), SOURCE_LIMIT, &mut fields);
        let source = source.as_str();
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let today = self.today();
        if change.as_of.is_some_and(|day| day > today) {
            return Err(Problem::invalid("as_of", FieldProblemKind::InTheFuture).into());
        }
        let former = Former::of(&model, &products);
        let mut written = former.clone();
        let mut changed = BTreeSet::new();
        for field in WRITTEN_FIELDS {
            if change.cells.contains_key(&field) && set(&mut written, field, &record) {
                changed.insert(field);
            }
        }
        if model.version != change.version {
            return Err(stale(&former, &change, &changed, model.version).into());
        }
        free(&transaction, &model, &written).await?;
        let mut sources = provenance(&model);
        // Lists go on calling it what they called it, and mean it still.
        if changed.contains(&EnterpriseField::Name) && !sources.is_by_hand(EnterpriseField::Name) {
            written.former_name_key = Some(model.name_key.clone());
        }
        if changed.contains(&EnterpriseField::CreditCode)
            && !sources.is_by_hand(EnterpriseField::CreditCode)
        {
            written.former_credit_code.clone_from(&model.credit_code);
        }
        let mut said = changed.clone();
        if PLACE.iter().any(|field| changed.contains(field)) {
            said.extend(PLACE);
        }
        // What was taken away is nobody's word: the next import may say it again.
        let (empty, said): (BTreeSet<EnterpriseField>, BTreeSet<EnterpriseField>) = said
            .into_iter()
            .partition(|field| written.text(*field).is_empty());
        sources.forget(&empty);
        sources.set(FieldSource {
            source: source.to_owned(),
            on: today,
            as_of: change.as_of,
            by: Some(actor.account_id),
            fields: said,
        });
        written.field_sources = sources_column(&sources);
        written.figures = with_figure(&model, &written, &changed, change.as_of, source);
        let is_local = change.is_local.unwrap_or(model.is_local);
        let closed = change.closed.unwrap_or(model.closed);
        if changed.is_empty() && is_local == model.is_local && closed == model.closed {
            return Ok(model.version);
        }
        let (mut before, mut after) = (Map::new(), Map::new());
        for field in &changed {
            before.insert(field.key().to_owned(), former.text(*field).into());
            after.insert(field.key().to_owned(), written.text(*field).into());
        }
        for (name, was, is) in [
            ("is_local", model.is_local, is_local),
            ("closed", model.closed, closed),
        ] {
            if was != is {
                before.insert(name.to_owned(), was.into());
                after.insert(name.to_owned(), is.into());
            }
        }
        if !source.is_empty() {
            after.insert("source".to_owned(), source.into());
        }
        before.insert(
            "former".to_owned(),
            json!({ "fields": former, "is_local": model.is_local, "closed": model.closed }),
        );
        let version = self
            .write_company(
                &transaction,
                (model, products),
                &written,
                (is_local, closed),
            )
            .await?;
        after.insert("version".to_owned(), version.into());
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action: "change",
                entity: "enterprise",
                entity_id: change.id,
                before: Some(before.into()),
                after: Some(after.into()),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// Puts back what the person's change that left the company at this version found there, and returns the new version.
    ///
    /// # Errors
    /// [`Problem::CannotUndo`] after [`UNDO_MINUTES`]; [`Problem::Stale`] when somebody wrote to it since;
    /// [`Problem::NotFound`].
    pub async fn undo_enterprise_change(
        &self,
        actor: &Actor,
        enterprise_id: i64,
        version: i64,
    ) -> ServiceResult<i64> {
        require(actor, Action::ChangeEnterprise)?;
        let row = audit_row::Entity::find()
            .filter(audit_row::Column::Entity.eq("enterprise"))
            .filter(audit_row::Column::Action.eq("change"))
            .filter(audit_row::Column::EntityId.eq(enterprise_id))
            .filter(audit_row::Column::AccountId.eq(actor.account_id))
            .order_by_desc(audit_row::Column::Id)
            .limit(ACTS)
            .all(self.database.read())
            .await?
            .into_iter()
            .find(|row| {
                let after = row.after.as_ref();
                after.is_some_and(|after| after["version"].as_i64() == Some(version))
            })
            .ok_or(Problem::NotFound)?;
        let has_former = row
            .before
            .as_ref()
            .is_some_and(|before| before["former"].is_object());
        if !has_former {
            let reason = UndoRefusal::NotUndoable;
            return Err(Problem::CannotUndo { reason }.into());
        }
        if self.now() - row.at > Duration::minutes(UNDO_MINUTES) {
            let reason = UndoRefusal::TooLate;
            return Err(Problem::CannotUndo { reason }.into());
        }
        let mut before = row.before.clone().unwrap_or_default();
        let former = before["former"].take();
        let fields: Former = serde_json::from_value(former["fields"].clone())
            .map_err(crate::ServiceError::internal)?;
        let flag = |name: &str, now: bool| former[name].as_bool().unwrap_or(now);
        let transaction = self.database.begin().await?;
        let (model, products) = held(&transaction, enterprise_id).await?;
        if model.version != version {
            let fields = Vec::new();
            let version = model.version;
            return Err(Problem::Stale { fields, version }.into());
        }
        free(&transaction, &model, &fields).await?;
        let flags = (
            flag("is_local", model.is_local),
            flag("closed", model.closed),
        );
        let version = self
            .write_company(&transaction, (model, products), &fields, flags)
            .await?;
        // It is again as an import left it, so that this one can be taken back, too.
        let versions = BTreeMap::from([(enterprise_id, (fields.version, version))]);
        follow(&transaction, None, &versions).await?;
        let mut after = before.clone();
        if let Some(after) = after.as_object_mut() {
            after.remove("former");
            after.insert("version".to_owned(), version.into());
        }
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action: "change",
                entity: "enterprise",
                entity_id: enterprise_id,
                before: row.after,
                after: Some(audit::undoing(after, Some(row.id))),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// Writes a company as a whole: its fields, its products, and all that is made of them.
    async fn write_company(
        &self,
        transaction: &DatabaseTransaction,
        (model, products): Whole,
        written: &Former,
        (is_local, closed): (bool, bool),
    ) -> ServiceResult<i64> {
        let now = self.now();
        let id = model.id;
        let version = model.version + 1;
        let former = Former::of(&model, &products);
        let mut active = written.restored(model, now);
        active.is_local = Set(is_local);
        active.closed = Set(closed);
        active.update(transaction).await?;
        if former.products != written.products {
            enterprise_product::Entity::delete_many()
                .filter(enterprise_product::Column::EnterpriseId.eq(id))
                .exec(transaction)
                .await?;
            insert_products(transaction, std::iter::once((id, written.products.clone()))).await?;
        }
        rematch_enterprises(self, transaction, &[id]).await?;
        announce(transaction, &[id], now).await?;
        Ok(version)
    }
}

/// A company that may be written to, held.
async fn held(transaction: &DatabaseTransaction, id: i64) -> ServiceResult<Whole> {
    let mut found = existing(transaction, std::iter::once(id), HELD).await?;
    Ok(found
        .remove(&id)
        .filter(|(model, _)| model.merged_into_id.is_none())
        .ok_or(Problem::NotFound)?)
}

/// The record that the cells say.
fn read(change: &EnterpriseChange, name: &str) -> ServiceResult<EnterpriseRecord> {
    let reading = change.read(name);
    let fields = reading
        .problems
        .into_iter()
        .filter(|problem| problem.severity == Severity::Refused)
        .map(|problem| {
            // The form has products and their shares in one box.
            let field = match problem.field {
                Some(EnterpriseField::ProductShares) => EnterpriseField::Products,
                other => other.unwrap_or(EnterpriseField::Name),
            }
            .key();
            let kind = FieldProblemKind::Cell {
                problem: problem.kind,
            };
            FieldProblem::new(field, kind)
        })
        .collect();
    Ok(reading.record.ok_or(Problem::Invalid { fields })?)
}

/// Sets one field as the record says it, and says whether that was news.
fn set(written: &mut Former, field: EnterpriseField, record: &EnterpriseRecord) -> bool {
    use EnterpriseField as Field;
    let before = written.clone();
    match field {
        Field::Name => written.name.clone_from(&record.name),
        Field::ShortName => written.short_name.clone_from(&record.short_name),
        Field::EnglishName => written.english_name.clone_from(&record.english_name),
        Field::CreditCode => {
            written.credit_code = record.credit_code.as_ref().map(ToString::to_string);
        }
        Field::StockCode => {
            written.stock_code.clone_from(&record.stock_code);
            if written.stock_code.is_none() {
                written.exchange = None;
            }
        }
        Field::Board => written.board.clone_from(&record.board),
        Field::ListedOn => written.listed_on = record.listed_on,
        Field::TotalShares => written.total_shares = record.total_shares,
        Field::Area => written.area.clone_from(&record.area),
        Field::Province => written.province.clone_from(&record.province),
        Field::City => written.city.clone_from(&record.city),
        Field::Address => written.address.clone_from(&record.address),
        Field::Industry => written.industry.clone_from(&record.industry),
        Field::SwIndustry => written.sw_industry.clone_from(&record.sw_industry),
        Field::Products | Field::ProductShares => written.products.clone_from(&record.products),
        Field::Website => written.website.clone_from(&record.website),
        Field::Revenue => written.revenue_wan = record.revenue_wan,
        Field::Staff => written.staff = record.staff,
        Field::BusinessScope => written.business_scope.clone_from(&record.business_scope),
        Field::Tags => written.tags = column(&record.tags),
        Field::Sites => written.sites = column(&record.sites),
        Field::AsOf => {}
    }
    *written != before
}

/// The fields that somebody else wrote since, of those that would be overwritten.
fn stale(
    there: &Former,
    change: &EnterpriseChange,
    changed: &BTreeSet<EnterpriseField>,
    version: i64,
) -> Problem {
    let fields = changed
        .iter()
        .map(|field| StaleField {
            field: field.key().to_owned(),
            theirs: there.text(*field),
            yours: change.cells.get(field).cloned().unwrap_or_default(),
        })
        .collect();
    Problem::Stale { fields, version }
}

/// Refuses a code that another company has.
async fn free(
    connection: &impl ConnectionTrait,
    model: &enterprise::Model,
    written: &Former,
) -> ServiceResult<()> {
    for (field, column, code, before) in [
        (
            "credit_code",
            enterprise::Column::CreditCode,
            &written.credit_code,
            &model.credit_code,
        ),
        (
            "stock_code",
            enterprise::Column::StockCode,
            &written.stock_code,
            &model.stock_code,
        ),
    ] {
        let Some(code) = code.as_ref().filter(|_| code != before) else {
            continue;
        };
        let taken = enterprise::Entity::find()
            .filter(column.eq(code))
            .filter(enterprise::Column::Id.ne(model.id))
            .one(connection)
            .await?;
        if taken.is_some() {
            return Err(Problem::invalid(field, FieldProblemKind::Taken).into());
        }
    }
    Ok(())
}

/// The company's figures with those that were written, when it was said of which day they are.
fn with_figure(
    model: &enterprise::Model,
    written: &Former,
    changed: &BTreeSet<EnterpriseField>,
    as_of: Option<NaiveDate>,
    source: &str,
) -> Option<Value> {
    let has = |field| changed.contains(&field);
    let revenue_wan = written
        .revenue_wan
        .filter(|_| has(EnterpriseField::Revenue));
    let staff = written.staff.filter(|_| has(EnterpriseField::Staff));
    match as_of {
        Some(as_of) if revenue_wan.is_some() || staff.is_some() => {
            let mut known = figures(model);
            add_figure(
                &mut known,
                Figure {
                    as_of,
                    revenue_wan,
                    staff,
                    source: source.to_owned(),
                },
            );
            column(&known)
        }
        _ => model.figures.clone(),
    }
}
