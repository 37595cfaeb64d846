//! 首报登记: a lead and its claim come into being together, or not at all.

use domain::{
    account::{Action, Actor},
    lead::{EventKind, NOTE_LIMIT, NewEvent, NewLead, Recognition, Renewal, Stage, TITLE_LIMIT},
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{bureau, chain_node, enterprise, lead, lead_event};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use serde_json::json;

use super::{
    claim::{company_conflicts, hold_companies},
    existing_held,
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    chain::open_leads,
    require, without_nul,
};

/// Largest investment taken, 万元: ten thousand 亿元.
const INVESTMENT_LIMIT: i64 = 100_000_000;

impl Service {
    /// Registers a lead and returns its id.
    ///
    /// # Errors
    /// [`Problem::ClaimHeld`] when another bureau was first, [`Problem::LeadExists`] when the own bureau
    /// follows the company already, [`Problem::Invalid`], [`Problem::Forbidden`].
    pub async fn register_lead(&self, actor: &Actor, mut new: NewLead) -> ServiceResult<i64> {
        without_nul(&mut new.title);
        without_nul(&mut new.source);
        let bureau_id = match (new.bureau_id, actor.bureau_id) {
            (Some(asked), _) => asked,
            (None, Some(own)) => own,
            (None, None) => {
                // Without a bureau there is nobody to own the lead; say so as the right that is missing,
                // unless the person could name one.
                require(actor, Action::EditChain)?;
                return Err(Problem::invalid("bureau", FieldProblemKind::Required).into());
            }
        };
        require(actor, Action::WriteLead { bureau_id })?;
        let enterprise_id = new.enterprise_id;
        let transaction = self.database.begin().await?;
        match self
            .put_lead(&transaction, actor, actor.account_id, bureau_id, new)
            .await
        {
            Ok(id) => {
                transaction.commit().await?;
                Ok(id)
            }
            Err(ServiceError::Database(error)) if ServiceError::is_unique_violation(&error) => {
                // Another bureau registered in the same second and won.
                transaction.rollback().await?;
                self.refuse_held_elsewhere(enterprise_id, bureau_id).await?;
                Err(ServiceError::Database(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses when another bureau holds the company by now.
    pub(crate) async fn refuse_held_elsewhere(
        &self,
        enterprise_id: i64,
        bureau_id: i64,
    ) -> ServiceResult<()> {
        let same = company_conflicts(self.database.read(), enterprise_id).await?;
        self.refuse_held(self.database.read(), &same, bureau_id)
            .await
    }

    /// Writes a lead of a bureau with its claim; whether the person may is asked before. Errors as those of
    /// [`Service::register_lead`].
    pub(crate) async fn put_lead(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        owner_id: i64,
        bureau_id: i64,
        new: NewLead,
    ) -> ServiceResult<i64> {
        let mut fields = check(&new);
        let now = self.now();
        let (same, is_there) = hold_company_rows(transaction, new.enterprise_id).await?;
        if !is_there || is_closed(transaction, new.enterprise_id).await? {
            fields.push(FieldProblem::new("enterprise", FieldProblemKind::Unknown));
        }
        if let Some(node_id) = new.chain_node_id
            && chain_node::Entity::find_by_id(node_id)
                .one(transaction)
                .await?
                .is_none()
        {
            fields.push(FieldProblem::new("chain_node", FieldProblemKind::Unknown));
        }
        if bureau::Entity::find_by_id(bureau_id)
            .one(transaction)
            .await?
            .is_none()
        {
            fields.push(FieldProblem::new("bureau", FieldProblemKind::Unknown));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        if let Some(open) = open_leads()
            .filter(lead::Column::EnterpriseId.is_in(same.iter().map(|(id, _)| *id)))
            .filter(lead::Column::BureauId.eq(bureau_id))
            .one(transaction)
            .await?
        {
            return Err(Problem::LeadExists { lead_id: open.id }.into());
        }
        self.refuse_held(transaction, &same, bureau_id).await?;
        self.yield_lapsed_claim(transaction, actor, new.enterprise_id, bureau_id)
            .await?;
        let pack = self.rule_pack(transaction).await?;
        let created = lead::ActiveModel {
            enterprise_id: Set(new.enterprise_id),
            chain_node_id: Set(new.chain_node_id),
            bureau_id: Set(bureau_id),
            owner_id: Set(owner_id),
            stage: Set(Stage::Lead.number()),
            title: Set(new.title.trim().to_owned()),
            find_key: Set(crate::find::find_key(new.title.trim())),
            investment_wan: Set(new.investment_wan),
            land_mu: Set(new.land_mu),
            source: Set(new.source.trim().to_owned()),
            rule_pack: Set(pack.version),
            stage_entered_at: Set(now),
            last_activity_at: Set(now),
            created_at: Set(now),
            updated_at: Set(now),
            version: Set(1),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        self.make_first_claim(transaction, actor, &pack.claim, &created)
            .await?;
        lead_event::ActiveModel {
            lead_id: Set(created.id),
            kind: Set(EventKind::Created.key().to_owned()),
            body: Set(created.source.clone()),
            detail: Set(None),
            account_id: Set(actor.account_id),
            happened_at: Set(now),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "add",
                entity: "lead",
                entity_id: created.id,
                before: None,
                after: Some(json!({
                    "enterprise_id": created.enterprise_id, "chain_node_id": created.chain_node_id,
                    "bureau_id": created.bureau_id, "owner_id": created.owner_id, "stage": Stage::Lead.key(),
                    "title": created.title, "source": created.source,
                    "investment_wan": created.investment_wan, "land_mu": created.land_mu, "version": 1,
                })),
            },
        )
        .await?;
        Ok(created.id)
    }

    /// Writes a line on a lead's timeline.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`], [`Problem::Invalid`].
    pub async fn add_event(&self, actor: &Actor, mut new: NewEvent) -> ServiceResult<i64> {
        without_nul(&mut new.body);
        let transaction = self.database.begin().await?;
        let lead = existing_held(&transaction, new.lead_id).await?;
        require(
            actor,
            Action::NoteLead {
                bureau_id: lead.bureau_id,
            },
        )?;
        let body = new.body.trim();
        if body.is_empty() {
            return Err(Problem::invalid("body", FieldProblemKind::Required).into());
        }
        if body.chars().count() > NOTE_LIMIT {
            return Err(
                Problem::invalid("body", FieldProblemKind::TooLong { limit: NOTE_LIMIT }).into(),
            );
        }
        if !EventKind::WRITTEN.contains(&new.kind) {
            return Err(Problem::invalid("kind", FieldProblemKind::NotAChoice).into());
        }
        let line = Line {
            kind: new.kind,
            body: body.to_owned(),
            detail: None,
            happened_at: self.now(),
        };
        let id = self.put_line(&transaction, actor, &lead, line).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Writes a line that people wrote on the timeline of a lead that [`Service::noted_lead`] gave, in that
    /// transaction; what renews a claim renews it.
    pub(crate) async fn put_line(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        line: Line,
    ) -> ServiceResult<i64> {
        let now = self.now();
        let event = lead_event::ActiveModel {
            lead_id: Set(lead.id),
            kind: Set(line.kind.key().to_owned()),
            body: Set(line.body),
            detail: Set(line.detail),
            account_id: Set(actor.account_id),
            happened_at: Set(line.happened_at),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        if let Some(cause) = Renewal::of_event(line.kind) {
            let rule = self.rule_pack(transaction).await?.claim;
            self.renew_by(transaction, actor, &rule, lead, cause)
                .await?;
        }
        // A note is no edit of the lead: its version stays, so that nobody's open form goes stale by it.
        let mut touched: lead::ActiveModel = lead.clone().into();
        touched.last_activity_at = Set(now);
        touched.update(transaction).await?;
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "note",
                entity: "lead",
                entity_id: lead.id,
                before: None,
                after: Some(json!({ "event": event.id, "kind": event.kind, "body": event.body })),
            },
        )
        .await?;
        Ok(event.id)
    }
}

/// A line of a timeline.
pub(crate) struct Line {
    pub kind: EventKind,
    pub body: String,
    pub detail: Option<serde_json::Value>,
    pub happened_at: chrono::DateTime<chrono::Utc>,
}

/// Lets one transaction at a time decide about a company's leads and claim; says whether there is such a
/// company; one that was merged into another is none. SQLite has one writer and needs no lock.
pub(crate) async fn hold_company(
    connection: &impl ConnectionTrait,
    enterprise_id: i64,
) -> ServiceResult<bool> {
    Ok(enterprise::Entity::find_by_id(enterprise_id)
        .filter(enterprise::Column::MergedIntoId.is_null())
        .lock(LockType::NoKeyUpdate)
        .one(connection)
        .await?
        .is_some())
}

/// Holds every row of the directory that is the company, in the order of their ids; says which they are, and whether
/// there is such a company, as [`hold_company`] does.
pub(crate) async fn hold_company_rows(
    connection: &impl ConnectionTrait,
    enterprise_id: i64,
) -> ServiceResult<(Vec<(i64, Recognition)>, bool)> {
    let same = company_conflicts(connection, enterprise_id).await?;
    hold_companies(connection, same.iter().map(|(id, _)| *id)).await?;
    let is_there = hold_company(connection, enterprise_id).await?;
    Ok((same, is_there))
}

/// Whether a company is out of business; leads that it has go on.
async fn is_closed(connection: &impl ConnectionTrait, enterprise_id: i64) -> ServiceResult<bool> {
    let found = enterprise::Entity::find_by_id(enterprise_id)
        .filter(enterprise::Column::Closed.eq(true))
        .one(connection)
        .await?;
    Ok(found.is_some())
}

fn check(new: &NewLead) -> Vec<FieldProblem> {
    let mut fields = Vec::new();
    for (field, value) in [("title", &new.title), ("source", &new.source)] {
        if value.trim().is_empty() {
            fields.push(FieldProblem::new(field, FieldProblemKind::Required));
        } else if value.chars().count() > TITLE_LIMIT {
            fields.push(FieldProblem::new(
                field,
                FieldProblemKind::TooLong { limit: TITLE_LIMIT },
            ));
        }
    }
    fields.extend(numbers(new.investment_wan, new.land_mu));
    fields
}

/// What is wrong with the amounts of a lead: investment in 万元, land in 亩.
pub(super) fn numbers(investment_wan: Option<i64>, land_mu: Option<f64>) -> Vec<FieldProblem> {
    let mut fields = Vec::new();
    if investment_wan.is_some_and(|amount| !(0..=INVESTMENT_LIMIT).contains(&amount)) {
        fields.push(FieldProblem::new(
            "investment_wan",
            FieldProblemKind::OutOfRange {
                from: 0.0,
                until: 100_000_000.0,
            },
        ));
    }
    if land_mu.is_some_and(|land| !land.is_finite() || !(0.0..=100_000.0).contains(&land)) {
        fields.push(FieldProblem::new(
            "land_mu",
            FieldProblemKind::OutOfRange {
                from: 0.0,
                until: 100_000.0,
            },
        ));
    }
    fields
}
