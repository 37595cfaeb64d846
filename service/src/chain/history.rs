//! A chain over time: snapshots each week and on demand, and what moved between them.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Duration, Utc};
use domain::{
    account::{Action, Actor},
    chain::{
        ChainHistory, ChainMap, ClassMove, GapClass, MoveProject, Snapshot, SnapshotNode,
        SnapshotReason, class_moves,
    },
    lead::Stage,
};
use entity::{chain_snapshot, lead, stage_evidence};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    local_date, require,
};

/// Snapshots read for one page at most: two years of weeks, and some more.
const SNAPSHOTS_READ: u64 = 160;

/// A map as a snapshot keeps it.
fn snapshot_nodes(map: &ChainMap) -> Vec<SnapshotNode> {
    map.nodes
        .iter()
        .map(|node| SnapshotNode {
            node_id: node.id,
            name: node.name.clone(),
            class: node.class,
            score: node.score,
            cover: node.cover,
            local_firms: node.local_firms,
            open_leads: node.open_leads,
            gap_since: None,
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
        let map = self.map_of(&computed).await?;
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
            nodes: snapshot_nodes(&map),
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
            snapshots,
            moves,
            map,
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
        let mut nodes = snapshot_nodes(&self.map_of(&computed).await?);
        let transaction = self.database.begin().await?;
        let last = chain_snapshot::Entity::find()
            .filter(chain_snapshot::Column::ChainId.eq(chain_id))
            .order_by_desc(chain_snapshot::Column::TakenAt)
            .order_by_desc(chain_snapshot::Column::Id)
            .one(&transaction)
            .await?
            .map(read_snapshot)
            .transpose()?;
        let now = self.now();
        for node in &mut nodes {
            let before = last.as_ref().and_then(|last| {
                let mut held = last.nodes.iter();
                let held = held.find(|held| held.node_id == node.node_id)?;
                Some((held, last.taken_at))
            });
            node.gap_since = node.gap_opened(now, before);
        }
        let nodes = serde_json::to_value(nodes).map_err(ServiceError::internal)?;
        let row = chain_snapshot::ActiveModel {
            chain_id: Set(chain_id),
            taken_at: Set(now),
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
        self.apply_matching(&transaction).await?;
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

    /// Since when each node has been a gap without a break, as the last snapshot of its chain knows.
    pub(super) async fn gaps_since(&self) -> ServiceResult<HashMap<i64, DateTime<Utc>>> {
        let database = self.database.read();
        let last: Vec<i64> = chain_snapshot::Entity::find()
            .select_only()
            .column_as(chain_snapshot::Column::Id.max(), "last")
            .group_by(chain_snapshot::Column::ChainId)
            .into_tuple()
            .all(database)
            .await?;
        let rows = chain_snapshot::Entity::find()
            .filter(chain_snapshot::Column::Id.is_in(last))
            .all(database)
            .await?;
        let mut since = HashMap::new();
        for row in rows {
            let snapshot = read_snapshot(row)?;
            since.extend(snapshot.nodes.into_iter().filter_map(|node| {
                let opened = node.gap_since.unwrap_or(snapshot.taken_at);
                node.class.is_gap().then_some((node.node_id, opened))
            }));
        }
        Ok(since)
    }

    /// By chain, counts by class at the snapshot nearest to 30 days ago, among those from 20 to 45 days ago.
    pub(super) async fn classes_a_month_ago(&self) -> ServiceResult<HashMap<i64, Vec<u32>>> {
        let database = self.database.read();
        let now = self.now();
        let moments: Vec<(i64, i64, DateTime<Utc>)> = chain_snapshot::Entity::find()
            .select_only()
            .column(chain_snapshot::Column::ChainId)
            .column(chain_snapshot::Column::Id)
            .column(chain_snapshot::Column::TakenAt)
            .filter(chain_snapshot::Column::TakenAt.gte(now - Duration::days(45)))
            .filter(chain_snapshot::Column::TakenAt.lte(now - Duration::days(20)))
            .into_tuple()
            .all(database)
            .await?;
        let distance = |at: DateTime<Utc>| (at - (now - Duration::days(30))).num_seconds().abs();
        let mut nearest: HashMap<i64, (i64, i64)> = HashMap::new();
        for (chain_id, id, at) in moments {
            let held = nearest.entry(chain_id).or_insert((distance(at), id));
            *held = (*held).min((distance(at), id));
        }
        let rows = chain_snapshot::Entity::find()
            .filter(chain_snapshot::Column::Id.is_in(nearest.values().map(|(_, id)| *id)))
            .all(database)
            .await?;
        rows.into_iter()
            .map(|row| {
                let chain_id = row.chain_id;
                let nodes = read_snapshot(row)?.nodes;
                let counts = count_classes(nodes.iter().map(|node| node.class));
                Ok((chain_id, counts))
            })
            .collect()
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
