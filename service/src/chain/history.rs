//! A chain over time: snapshots each week and on demand, and what moved between them.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Duration, Utc};
use domain::{
    account::{Action, Actor},
    chain::{
        ChainHistory, ClassMove, GapClass, MoveProject, Snapshot, SnapshotNode, SnapshotReason,
        class_moves,
    },
    lead::Stage,
};
use entity::{chain_snapshot, lead, stage_evidence};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use super::map::ComputedChain;
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    local_date, require,
};

/// Snapshots read for one page at most: two years of weeks, and some more.
const SNAPSHOTS_READ: u64 = 160;

/// A computed chain as a snapshot keeps it.
pub(super) fn snapshot_nodes(
    computed: &ComputedChain,
    leads: &HashMap<i64, u64>,
) -> Vec<SnapshotNode> {
    computed
        .nodes
        .iter()
        .filter_map(|node| {
            let score = computed.node_score(node.id)?;
            Some(SnapshotNode {
                node_id: node.id,
                name: node.name.clone(),
                class: score.class,
                score: score.score,
                cover: score.cover,
                local_firms: score.local_firms,
                open_leads: leads.get(&node.id).copied().unwrap_or(0),
            })
        })
        .collect()
}

pub(super) fn read_snapshot(row: chain_snapshot::Model) -> ServiceResult<Snapshot> {
    Ok(Snapshot {
        id: Some(row.id),
        taken_at: row.taken_at,
        reason: SnapshotReason::from_key(&row.reason).unwrap_or(SnapshotReason::OnDemand),
        nodes: serde_json::from_value(row.nodes).map_err(ServiceError::internal)?,
    })
}

impl Service {
    /// All moments of a chain, today last, and what moved between them.
    ///
    /// # Errors
    /// `Problem::NotFound`.
    pub async fn chain_history(&self, actor: &Actor, chain_id: i64) -> ServiceResult<ChainHistory> {
        require(actor, Action::ReadZone)?;
        let computed = self.computed_chain_by_id(chain_id).await?;
        let leads = self.open_leads_by_node().await?;
        let mut rows = chain_snapshot::Entity::find()
            .filter(chain_snapshot::Column::ChainId.eq(chain_id))
            .order_by_desc(chain_snapshot::Column::TakenAt)
            .order_by_desc(chain_snapshot::Column::Id)
            .limit(SNAPSHOTS_READ)
            .all(self.database.read())
            .await?;
        rows.reverse();
        let mut snapshots: Vec<Snapshot> = rows
            .into_iter()
            .map(read_snapshot)
            .collect::<ServiceResult<_>>()?;
        snapshots.push(Snapshot {
            id: None,
            taken_at: self.now(),
            reason: SnapshotReason::OnDemand,
            nodes: snapshot_nodes(&computed, &leads),
        });
        let mut moves: Vec<Vec<ClassMove>> = vec![Vec::new()];
        for pair in snapshots.windows(2) {
            if let [before, after] = pair {
                moves.push(class_moves(&before.nodes, &after.nodes));
            }
        }
        self.name_projects(actor, &snapshots, &mut moves).await?;
        Ok(ChainHistory {
            chain_id,
            chain_name: computed.chain.name.clone(),
            map: self.chain_map(actor, chain_id).await?,
            snapshots,
            moves,
            may_take: actor.may(Action::TakeSnapshot),
        })
    }

    /// Puts to each move the projects that were signed, or went further, on its node in the time between.
    async fn name_projects(
        &self,
        actor: &Actor,
        snapshots: &[Snapshot],
        moves: &mut [Vec<ClassMove>],
    ) -> ServiceResult<()> {
        let nodes: std::collections::BTreeSet<i64> =
            moves.iter().flatten().map(|one| one.node_id).collect();
        let Some(first) = snapshots.first().filter(|_| !nodes.is_empty()) else {
            return Ok(());
        };
        let leads: HashMap<i64, lead::Model> = lead::Entity::find()
            .filter(lead::Column::ChainNodeId.is_in(nodes))
            .filter(lead::Column::DeletedAt.is_null())
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|lead| (lead.id, lead))
            .collect();
        let entries = stage_evidence::Entity::find()
            .filter(stage_evidence::Column::LeadId.is_in(leads.keys().copied()))
            .filter(stage_evidence::Column::Stage.gte(Stage::Signed.number()))
            .filter(stage_evidence::Column::EnteredAt.gt(first.taken_at))
            .order_by_asc(stage_evidence::Column::EnteredAt)
            .all(self.database.read())
            .await?;
        let bureaus: HashMap<i64, String> = self
            .bureaus()
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        for (pair, moved) in snapshots.windows(2).zip(moves.iter_mut().skip(1)) {
            let [before, after] = pair else { continue };
            for one in moved {
                for entry in entries.iter().filter(|entry| {
                    entry.entered_at > before.taken_at && entry.entered_at <= after.taken_at
                }) {
                    let Some(lead) = leads
                        .get(&entry.lead_id)
                        .filter(|lead| lead.chain_node_id == Some(one.node_id))
                    else {
                        continue;
                    };
                    let visible = actor.may(Action::ReadLead {
                        bureau_id: lead.bureau_id,
                    });
                    let project = MoveProject {
                        lead_id: lead.id,
                        title: if visible {
                            lead.title.clone()
                        } else {
                            String::new()
                        },
                        bureau: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                        stage: Stage::from_number(entry.stage).unwrap_or(Stage::Signed),
                    };
                    // The furthest stage in that time is what the reader wants to know.
                    one.projects.retain(|held| held.lead_id != lead.id);
                    one.projects.push(project);
                }
            }
        }
        Ok(())
    }

    /// Takes a snapshot of one chain now and returns its id.
    ///
    /// # Errors
    /// `Problem::NotFound`, [`Problem::Forbidden`].
    pub async fn take_snapshot(&self, actor: &Actor, chain_id: i64) -> ServiceResult<i64> {
        require(actor, Action::TakeSnapshot)?;
        self.store_snapshot(Some(actor), chain_id, SnapshotReason::OnDemand)
            .await
    }

    pub(super) async fn store_snapshot(
        &self,
        actor: Option<&Actor>,
        chain_id: i64,
        reason: SnapshotReason,
    ) -> ServiceResult<i64> {
        let computed = self.computed_chain_by_id(chain_id).await?;
        let leads = self.open_leads_by_node().await?;
        let nodes = serde_json::to_value(snapshot_nodes(&computed, &leads))
            .map_err(ServiceError::internal)?;
        let transaction = self.database.begin().await?;
        let row = chain_snapshot::ActiveModel {
            chain_id: Set(chain_id),
            taken_at: Set(self.now()),
            reason: Set(reason.key().to_owned()),
            chain_version: Set(computed.chain.version),
            nodes: Set(nodes),
            account_id: Set(actor.map(|actor| actor.account_id)),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        audit::record(
            &transaction,
            actor,
            self.now(),
            Change {
                action: "add",
                entity: "chain_snapshot",
                entity_id: row.id,
                before: None,
                after: Some(json!({ "chain_id": chain_id, "reason": reason.key() })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// What the atlas asks for by itself: this week's snapshot of every chain, if there is none yet, and matches
    /// under a threshold whose day has come. Cheap when there is nothing to do; returns how many snapshots it took.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn keep_atlas(&self) -> ServiceResult<u64> {
        let transaction = self.database.begin().await?;
        if self.apply_match_threshold(&transaction).await? {
            crate::search::announce_rebuild(&transaction, self.now()).await?;
        }
        transaction.commit().await?;
        let monday = week_began(self.now());
        let mut taken = 0;
        for chain in self.chain_models().await? {
            let held = chain_snapshot::Entity::find()
                .filter(chain_snapshot::Column::ChainId.eq(chain.id))
                .filter(chain_snapshot::Column::Reason.eq(SnapshotReason::Weekly.key()))
                .filter(chain_snapshot::Column::TakenAt.gte(monday))
                .one(self.database.read())
                .await?;
            if held.is_none() {
                self.store_snapshot(None, chain.id, SnapshotReason::Weekly)
                    .await?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// Since when each gap of a chain has been one without a break, by node.
    pub(super) async fn gap_since(
        &self,
        computed: &ComputedChain,
    ) -> ServiceResult<HashMap<i64, DateTime<Utc>>> {
        let rows = chain_snapshot::Entity::find()
            .filter(chain_snapshot::Column::ChainId.eq(computed.chain.id))
            .order_by_desc(chain_snapshot::Column::TakenAt)
            .limit(SNAPSHOTS_READ)
            .all(self.database.read())
            .await?;
        let mut open: std::collections::BTreeSet<i64> = computed
            .score
            .nodes
            .iter()
            .filter(|node| node.class.is_gap())
            .map(|node| node.node_id)
            .collect();
        let mut since = HashMap::new();
        for row in rows {
            let snapshot = read_snapshot(row)?;
            open.retain(|id| {
                snapshot
                    .nodes
                    .iter()
                    .any(|node| node.node_id == *id && node.class.is_gap())
            });
            for id in &open {
                since.insert(*id, snapshot.taken_at);
            }
            if open.is_empty() {
                break;
            }
        }
        Ok(since)
    }

    /// Counts by class at the snapshot nearest to 30 days ago, among those from 20 to 45 days ago.
    pub(super) async fn classes_a_month_ago(
        &self,
        chain_id: i64,
    ) -> ServiceResult<Option<Vec<u32>>> {
        let now = self.now();
        let rows = chain_snapshot::Entity::find()
            .filter(chain_snapshot::Column::ChainId.eq(chain_id))
            .filter(chain_snapshot::Column::TakenAt.gte(now - Duration::days(45)))
            .filter(chain_snapshot::Column::TakenAt.lte(now - Duration::days(20)))
            .all(self.database.read())
            .await?;
        let nearest = rows.into_iter().min_by_key(|row| {
            (row.taken_at - (now - Duration::days(30)))
                .num_seconds()
                .abs()
        });
        nearest
            .map(|row| {
                let nodes = read_snapshot(row)?.nodes;
                Ok(count_classes(nodes.iter().map(|node| node.class)))
            })
            .transpose()
    }
}

/// Counts in the order of [`GapClass::ALL`].
pub(super) fn count_classes(classes: impl Iterator<Item = GapClass>) -> Vec<u32> {
    let mut counts = vec![0; GapClass::ALL.len()];
    for class in classes {
        if let Some(count) = GapClass::ALL
            .iter()
            .position(|known| *known == class)
            .and_then(|index| counts.get_mut(index))
        {
            *count += 1;
        }
    }
    counts
}

/// Monday 00:00 of the zone's week, as an instant.
fn week_began(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = local_date(now);
    let monday = today - Duration::days(i64::from(today.weekday().num_days_from_monday()));
    monday
        .and_time(chrono::NaiveTime::MIN)
        .and_utc()
        // The zone's day begins eight hours before that of UTC.
        - Duration::hours(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_begins_on_monday_by_the_zone_s_clock() {
        let at = |text: &str| {
            DateTime::parse_from_rfc3339(text)
                .unwrap()
                .with_timezone(&Utc)
        };
        // 2026-11-22 is a Sunday; at 23:00 UTC it is Monday morning in the zone.
        assert_eq!(
            week_began(at("2026-11-22T10:00:00Z")),
            at("2026-11-15T16:00:00Z")
        );
        assert_eq!(
            week_began(at("2026-11-22T23:00:00Z")),
            at("2026-11-22T16:00:00Z")
        );
    }
}
