//! "What if it lands": the numbers for the browser, scenarios that are kept, and the same answer for the API.

use std::collections::HashMap;

use domain::{
    account::{Action, Actor},
    chain::{
        Landing, NewScenario, SCENARIO_LANDINGS, Scenario, ScoreError, WhatIf, WhatIfInput,
        WhatIfLead, what_if,
    },
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{chain_scenario, lead};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use super::map::{ComputedChain, open_leads};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    needed_text, require,
};

/// Longest name of a scenario or a landing, in characters.
const NAME_CHARACTERS: usize = 120;
/// The largest output that is taken, in 万元: ten trillion yuan.
const OUTPUT_MOST: f64 = 1e9;

impl Service {
    /// What the browser computes with, the leads that could land, and the scenarios kept.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn what_if_input(&self, actor: &Actor, chain_id: i64) -> ServiceResult<WhatIfInput> {
        require(actor, Action::ReadZone)?;
        let computed = self.computed_chain_by_id(chain_id).await?;
        let leads = open_leads()
            .filter(lead::Column::ChainNodeId.is_in(computed.nodes.iter().map(|node| node.id)))
            .order_by_desc(lead::Column::Stage)
            .order_by_asc(lead::Column::Id)
            .limit(500)
            .all(self.database.read())
            .await?
            .into_iter()
            .filter(|lead| {
                actor.may(Action::ReadLead {
                    bureau_id: lead.bureau_id,
                })
            })
            .filter_map(|lead| {
                Some(WhatIfLead {
                    lead_id: lead.id,
                    node_id: lead.chain_node_id?,
                    enterprise_id: lead.enterprise_id,
                    investment_wan: lead.investment_wan,
                    title: lead.title,
                })
            })
            .collect();
        Ok(WhatIfInput {
            chain_id,
            map: self.map_of(&computed).await?,
            input: computed.input.clone(),
            leads,
            scenarios: self.scenarios(actor, chain_id).await?,
            may_keep: actor.may(Action::KeepScenario),
        })
    }

    async fn scenarios(&self, actor: &Actor, chain_id: i64) -> ServiceResult<Vec<Scenario>> {
        let rows = chain_scenario::Entity::find()
            .filter(chain_scenario::Column::ChainId.eq(chain_id))
            .order_by_desc(chain_scenario::Column::Id)
            .limit(100)
            .all(self.database.read())
            .await?;
        let people = self
            .account_names(rows.iter().map(|row| row.account_id))
            .await?;
        let hidden = self.hidden_leads(actor).await?;
        rows.into_iter()
            .map(|row| {
                let mut landings: Vec<Landing> =
                    serde_json::from_value(row.landings).map_err(ServiceError::internal)?;
                // A name can give away another bureau's lead.
                for landing in &mut landings {
                    if landing.lead_id.is_some_and(|id| hidden.contains_key(&id)) {
                        landing.name.clear();
                        landing.lead_id = None;
                        landing.enterprise_id = None;
                    }
                }
                Ok(Scenario {
                    id: row.id,
                    name: row.name,
                    landings,
                    by: people.get(&row.account_id).cloned().unwrap_or_default(),
                    created_at: row.created_at,
                    may_remove: row.account_id == actor.account_id || actor.may(Action::EditChain),
                })
            })
            .collect()
    }

    /// Leads of bureaus that the reader may not see.
    async fn hidden_leads(&self, actor: &Actor) -> ServiceResult<HashMap<i64, ()>> {
        if actor.reads_every_bureau() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(i64, i64)> = lead::Entity::find()
            .select_only()
            .column(lead::Column::Id)
            .column(lead::Column::BureauId)
            .filter(lead::Column::ChainNodeId.is_not_null())
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(rows
            .into_iter()
            .filter(|(_, bureau_id)| {
                !actor.may(Action::ReadLead {
                    bureau_id: *bureau_id,
                })
            })
            .map(|(id, _)| (id, ()))
            .collect())
    }

    /// Keeps a scenario and returns its id.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every wrong field, [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn keep_scenario(&self, actor: &Actor, mut new: NewScenario) -> ServiceResult<i64> {
        require(actor, Action::KeepScenario)?;
        let computed = self.computed_chain_by_id(new.chain_id).await?;
        let mut fields = landing_problems(&computed, &new.landings);
        let name = needed_text("name", new.name, NAME_CHARACTERS, &mut fields);
        if new.landings.is_empty() {
            fields.push(FieldProblem::new("landings", FieldProblemKind::Required));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        for landing in &mut new.landings {
            crate::without_nul(&mut landing.name);
        }
        let transaction = self.database.begin().await?;
        let landings = json!(new.landings);
        let row = chain_scenario::ActiveModel {
            chain_id: Set(new.chain_id),
            name: Set(name.clone()),
            landings: Set(landings.clone()),
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
                entity: "chain_scenario",
                entity_id: row.id,
                before: None,
                after: Some(json!({ "name": name, "landings": landings })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// Removes a scenario: one's own, or any for who edits chains.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn remove_scenario(&self, actor: &Actor, scenario_id: i64) -> ServiceResult<()> {
        require(actor, Action::KeepScenario)?;
        let transaction = self.database.begin().await?;
        let row = chain_scenario::Entity::find_by_id(scenario_id)
            .one(&transaction)
            .await?
            .ok_or(Problem::NotFound)?;
        if row.account_id != actor.account_id {
            require(actor, Action::EditChain)?;
        }
        chain_scenario::Entity::delete_by_id(scenario_id)
            .exec(&transaction)
            .await?;
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action: "delete",
                entity: "chain_scenario",
                entity_id: scenario_id,
                before: Some(json!({ "name": row.name, "landings": row.landings })),
                after: None,
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The answer itself, for those who ask by the API.
    ///
    /// # Errors
    /// [`Problem::NotFound`]; [`Problem::Invalid`] with every landing that cannot be.
    pub async fn what_if(
        &self,
        actor: &Actor,
        chain_id: i64,
        landings: Vec<Landing>,
    ) -> ServiceResult<WhatIf> {
        require(actor, Action::ReadZone)?;
        let computed = self.computed_chain_by_id(chain_id).await?;
        let fields = landing_problems(&computed, &landings);
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        tokio::task::spawn_blocking(move || what_if(&computed.input, &computed.score, &landings))
            .await
            .map_err(ServiceError::internal)?
            .map_err(|error: ScoreError| ServiceError::internal(format!("{error:?}")))
    }
}

/// Every landing that cannot be, by its place in the list.
fn landing_problems(computed: &ComputedChain, landings: &[Landing]) -> Vec<FieldProblem> {
    let mut fields = Vec::new();
    if landings.len() > SCENARIO_LANDINGS {
        #[allow(clippy::cast_precision_loss, reason = "twenty")]
        let until = SCENARIO_LANDINGS as f64;
        let kind = FieldProblemKind::OutOfRange { from: 0.0, until };
        fields.push(FieldProblem::new("landings", kind));
    }
    for (index, landing) in landings.iter().enumerate() {
        if !computed.nodes.iter().any(|node| node.id == landing.node_id) {
            let field = format!("landings.{index}.node_id");
            fields.push(FieldProblem::new(&field, FieldProblemKind::Unknown));
        }
        // NaN is in no range.
        if !(0.0..=OUTPUT_MOST).contains(&landing.output) {
            let field = format!("landings.{index}.output");
            let kind = FieldProblemKind::OutOfRange {
                from: 0.0,
                until: OUTPUT_MOST,
            };
            fields.push(FieldProblem::new(&field, kind));
        }
        if landing.name.chars().count() > NAME_CHARACTERS {
            let field = format!("landings.{index}.name");
            let limit = NAME_CHARACTERS;
            fields.push(FieldProblem::new(
                &field,
                FieldProblemKind::TooLong { limit },
            ));
        }
    }
    fields
}
