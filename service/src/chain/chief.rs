//! The leader's page: chains by class, the zone's largest gaps, firms worth a call, the chain chiefs' tasks.

use std::collections::{BTreeMap, HashMap};

use domain::{
    account::{Action, Actor},
    chain::{
        ChiefTask, LeaderCall, LeaderPage, MatrixRow, NewChiefTask, SizeBasis, TopGap, relevance,
    },
    lead::Stage,
    problem::Problem,
};
use entity::{chain, chain_node, chief_task, enterprise, lead};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use super::{history::count_classes, map::open_leads};
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    clean_text, local_date, needed_text, require,
};

/// Gaps on the leader's page.
const TOP_GAPS: usize = 12;
/// Firms worth a call on the leader's page.
const CALLS: usize = 6;
/// Tasks on the leader's page.
const TASKS: u64 = 200;
const TITLE_CHARACTERS: usize = 200;

/// Relevance over all chains, and what each gap adds to it.
type Worth = (f64, Vec<(f64, String)>);

impl Service {
    /// The leader's page.
    ///
    /// # Errors
    /// The database does not answer.
    #[allow(clippy::too_many_lines, reason = "one page, told from top to bottom")]
    pub async fn leader_page(&self, actor: &Actor) -> ServiceResult<LeaderPage> {
        require(actor, Action::ReadZone)?;
        let today = self.today();
        let open: Vec<lead::Model> = open_leads()
            .filter(lead::Column::ChainNodeId.is_not_null())
            .all(self.database.read())
            .await?;
        let bureaus: HashMap<i64, String> = self
            .bureaus()
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        let mut by_node: HashMap<i64, Vec<&lead::Model>> = HashMap::new();
        for lead in &open {
            if let Some(node) = lead.chain_node_id {
                by_node.entry(node).or_default().push(lead);
            }
        }
        let mut matrix = Vec::new();
        let mut gaps: Vec<TopGap> = Vec::new();
        let mut worth: BTreeMap<i64, Worth> = BTreeMap::new();
        let chains = self.computed_chains().await?;
        let since = self.gaps_since().await?;
        let before = self.classes_a_month_ago().await?;
        for computed in chains {
            let names: HashMap<i64, &str> = computed
                .nodes
                .iter()
                .map(|node| (node.id, node.name.as_str()))
                .collect();
            matrix.push(MatrixRow {
                chain_id: computed.chain.id,
                chain_name: computed.chain.name.clone(),
                chief: computed.chain.chief.clone(),
                nodes: u32::try_from(computed.nodes.len()).unwrap_or(u32::MAX),
                classes: count_classes(computed.score.nodes.iter().map(|node| node.class)),
                before: before.get(&computed.chain.id).cloned(),
                open_leads: computed
                    .nodes
                    .iter()
                    .map(|node| by_node.get(&node.id).map_or(0, |leads| leads.len() as u64))
                    .sum(),
            });
            for node in &computed.score.nodes {
                let Some(score) = node.score else { continue };
                let leads = by_node
                    .get(&node.node_id)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let mut stages: BTreeMap<Stage, u32> = BTreeMap::new();
                let mut held: Vec<String> = Vec::new();
                for lead in leads {
                    let stage = Stage::from_number(lead.stage).unwrap_or(Stage::Lead);
                    *stages.entry(stage).or_default() += 1;
                    if let Some(name) = bureaus.get(&lead.bureau_id)
                        && !held.contains(name)
                    {
                        held.push(name.clone());
                    }
                }
                gaps.push(TopGap {
                    chain_id: computed.chain.id,
                    chain_name: computed.chain.name.clone(),
                    chief: computed.chain.chief.clone(),
                    node_id: node.node_id,
                    node_name: names
                        .get(&node.node_id)
                        .map(|name| (*name).to_owned())
                        .unwrap_or_default(),
                    class: node.class,
                    score,
                    days_open: since
                        .get(&node.node_id)
                        .map(|at| (today - local_date(*at)).num_days()),
                    value_wan: (computed.score.size_basis == SizeBasis::Size)
                        .then_some((node.demand - node.output).max(0.0)),
                    followed_wan: leads.iter().filter_map(|lead| lead.investment_wan).sum(),
                    leads: stages.into_iter().collect(),
                    bureaus: held,
                });
            }
            let scores: HashMap<i64, f64> = computed
                .score
                .nodes
                .iter()
                .filter_map(|node| Some((node.node_id, node.score?)))
                .collect();
            for firm in computed.input.firms.iter().filter(|firm| !firm.local) {
                let own = relevance(&firm.shares, &computed.score);
                if own <= 0.0 {
                    continue;
                }
                let entry = worth.entry(firm.id).or_default();
                entry.0 += own;
                entry
                    .1
                    .extend(firm.shares.iter().filter_map(|(node, share)| {
                        let points = share * scores.get(node)?;
                        Some((points, (*names.get(node)?).to_owned()))
                    }));
            }
        }
        gaps.sort_by(|one, two| {
            two.score
                .total_cmp(&one.score)
                .then(one.node_id.cmp(&two.node_id))
        });
        gaps.truncate(TOP_GAPS);
        Ok(LeaderPage {
            today,
            matrix,
            gaps,
            calls: self.leader_calls(worth, &open, &bureaus).await?,
            tasks: self.chief_tasks().await?,
            may_write: actor.may(Action::WriteChiefTask),
        })
    }

    async fn leader_calls(
        &self,
        worth: BTreeMap<i64, Worth>,
        open: &[lead::Model],
        bureaus: &HashMap<i64, String>,
    ) -> ServiceResult<Vec<LeaderCall>> {
        let mut ranked: Vec<(i64, Worth)> = worth.into_iter().collect();
        ranked.sort_by(|one, two| two.1.0.total_cmp(&one.1.0).then(one.0.cmp(&two.0)));
        // Among equals in what they would close, a leader's call is worth most where the firm is large.
        ranked.truncate(CALLS * 5);
        let companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ranked.iter().map(|(id, _)| *id)))
            .filter(enterprise::Column::Closed.eq(false))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let size = |id: i64| companies.get(&id).and_then(|company| company.revenue_wan);
        ranked.retain(|(id, _)| companies.contains_key(id));
        ranked.sort_by(|one, two| {
            two.1
                .0
                .round()
                .total_cmp(&one.1.0.round())
                .then(size(two.0).cmp(&size(one.0)))
                .then(one.0.cmp(&two.0))
        });
        Ok(ranked
            .into_iter()
            .take(CALLS)
            .filter_map(|(id, (relevance, mut parts))| {
                let company = companies.get(&id)?;
                parts.sort_by(|one, two| two.0.total_cmp(&one.0));
                let mut gaps: Vec<String> = Vec::new();
                for (_, name) in parts {
                    if !gaps.contains(&name) {
                        gaps.push(name);
                    }
                }
                gaps.truncate(3);
                let held = open
                    .iter()
                    .filter(|lead| lead.enterprise_id == id)
                    .max_by_key(|lead| lead.stage)
                    .map(|lead| {
                        (
                            bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                            Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
                        )
                    });
                Some(LeaderCall {
                    enterprise_id: id,
                    name: company.name.clone(),
                    city: company.city.clone(),
                    revenue_wan: company.revenue_wan,
                    relevance: relevance.min(100.0),
                    gaps,
                    held,
                })
            })
            .collect())
    }

    async fn chief_tasks(&self) -> ServiceResult<Vec<ChiefTask>> {
        let database = self.database.read();
        let rows = chief_task::Entity::find()
            .order_by_asc(chief_task::Column::Id)
            .limit(TASKS)
            .all(database)
            .await?;
        let chains: HashMap<i64, chain::Model> = self
            .chain_models()
            .await?
            .into_iter()
            .map(|chain| (chain.id, chain))
            .collect();
        let nodes: HashMap<i64, String> = chain_node::Entity::find()
            .select_only()
            .column(chain_node::Column::Id)
            .column(chain_node::Column::Name)
            .filter(chain_node::Column::Id.is_in(rows.iter().filter_map(|row| row.node_id)))
            .into_tuple::<(i64, String)>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        let mut tasks: Vec<ChiefTask> = rows
            .into_iter()
            .filter_map(|row| {
                let chain = chains.get(&row.chain_id)?;
                Some(ChiefTask {
                    id: row.id,
                    chain_id: row.chain_id,
                    chain_name: chain.name.clone(),
                    chief: chain.chief.clone(),
                    node_name: row.node_id.and_then(|id| nodes.get(&id).cloned()),
                    node_id: row.node_id,
                    title: row.title,
                    owner: row.owner,
                    due_on: row.due_on,
                    done_at: row.done_at,
                })
            })
            .collect();
        // What is open comes first, the nearest day first, tasks without a day after those with one.
        tasks.sort_by_key(|task| {
            (
                task.done_at.is_some(),
                task.due_on.is_none(),
                task.due_on,
                task.id,
            )
        });
        Ok(tasks)
    }

    /// Puts a task on a chain chief's list and returns its id.
    ///
    /// # Errors
    /// [`Problem::Invalid`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn add_chief_task(&self, actor: &Actor, new: NewChiefTask) -> ServiceResult<i64> {
        require(actor, Action::WriteChiefTask)?;
        let mut fields = Vec::new();
        let title = needed_text("title", new.title, TITLE_CHARACTERS, &mut fields);
        let owner = clean_text("owner", new.owner, TITLE_CHARACTERS, &mut fields);
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let chain = chain::Entity::find_by_id(new.chain_id)
            .one(&transaction)
            .await?
            .ok_or(Problem::NotFound)?;
        if let Some(node_id) = new.node_id {
            chain_node::Entity::find_by_id(node_id)
                .one(&transaction)
                .await?
                .filter(|node| node.chain_id == chain.id)
                .ok_or(Problem::NotFound)?;
        }
        let row = chief_task::ActiveModel {
            chain_id: Set(chain.id),
            node_id: Set(new.node_id),
            title: Set(title.clone()),
            owner: Set(if owner.is_empty() {
                chain.chief.unwrap_or_default()
            } else {
                owner
            }),
            due_on: Set(new.due_on),
            done_at: Set(None),
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
                entity: "chief_task",
                entity_id: row.id,
                before: None,
                after: Some(
                    json!({ "title": title, "chain_id": new.chain_id, "node_id": new.node_id, "owner": row.owner, "due_on": new.due_on }),
                ),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// Marks a task as done, or as open again.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn finish_chief_task(
        &self,
        actor: &Actor,
        task_id: i64,
        done: bool,
    ) -> ServiceResult<()> {
        require(actor, Action::WriteChiefTask)?;
        let transaction = self.database.begin().await?;
        let task = chief_task::Entity::find_by_id(task_id)
            .one(&transaction)
            .await?
            .ok_or(Problem::NotFound)?;
        let before = task.done_at;
        if before.is_some() != done {
            let mut change: chief_task::ActiveModel = task.into();
            change.done_at = Set(done.then(|| self.now()));
            change.update(&transaction).await?;
            audit::record(
                &transaction,
                Some(actor),
                self.now(),
                Change {
                    action: "change",
                    entity: "chief_task",
                    entity_id: task_id,
                    before: Some(json!({ "done": before.is_some() })),
                    after: Some(json!({ "done": done })),
                },
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Every gap class of every node of a chain, for the API.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn chain_gaps(
        &self,
        actor: &Actor,
        chain_id: i64,
    ) -> ServiceResult<Vec<domain::chain::GapRow>> {
        require(actor, Action::ReadZone)?;
        let computed = self.computed_chain_by_id(chain_id).await?;
        Ok(computed
            .nodes
            .iter()
            .filter_map(|node| {
                Some(domain::chain::GapRow {
                    code: node.code.clone(),
                    name: node.name.clone(),
                    is_gap: computed.node_score(node.id)?.class.is_gap(),
                    score: computed.node_score(node.id)?.clone(),
                })
            })
            .collect())
    }
}
