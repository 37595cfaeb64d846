//! Tasks and commitments over many leads, and the sheet that the weekly meeting (周协调) goes through.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate, NaiveTime};
use domain::{
    account::{Action, Actor},
    chain::Landing,
    feed::{FeedEntry, FeedKind, FeedTime},
    lead::{
        COMMITMENT_DUE_DAYS, CommitmentRow, CommitmentState, DueCommitments, EventKind,
        FOLLOW_UP_ROWS, FollowUps, LeadGain, LeadQuery, REMINDER_TIME, Side, Stage, TaskRow,
        TodayScope, WEEK_ROWS, WeekCount, WeekMove, WeekScope, WeekSheet, week_of,
    },
    notice::{NoticeDetail, NoticeKind},
    problem::Problem,
};
use entity::{commitment, lead, lead_event, stage_evidence, task};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef, Select,
};

use super::{
    existing,
    list::totals,
    today::waiting,
    work::{commitment_view, task_view},
};
use crate::{
    Service, ServiceResult, account::tag, chain::is_open, local_midnight, notice::Notice,
    of_bureau, require,
};

/// Tasks in a calendar, the latest day first.
const FEED_TASKS: u64 = 1_000;

/// What a list of tasks or commitments says of the lead they belong to.
struct LeadFacts {
    enterprise_name: String,
    bureau_id: i64,
    stage: Stage,
    investment_wan: Option<i64>,
}

impl Service {
    /// Open tasks that are due until a day: one's own, or those of a bureau's leads.
    pub(super) async fn follow_ups(
        &self,
        actor: &Actor,
        scope: TodayScope,
        until: NaiveDate,
    ) -> ServiceResult<FollowUps> {
        let database = self.database.read();
        let today = self.today();
        let open = self
            .tasks_of(actor, scope)?
            .filter(task::Column::DoneAt.is_null())
            .filter(task::Column::DueOn.lte(until));
        let rows = open
            .clone()
            .order_by_asc(task::Column::DueOn)
            .order_by_asc(task::Column::DueMinute.is_null())
            .order_by_asc(task::Column::DueMinute)
            .order_by_asc(task::Column::Id)
            .limit(FOLLOW_UP_ROWS)
            .all(database)
            .await?;
        let leads = self.lead_facts(rows.iter().map(|row| row.lead_id)).await?;
        let people = self
            .account_names(rows.iter().map(|row| row.owner_id))
            .await?;
        let since = local_midnight(today);
        Ok(FollowUps {
            total: open.clone().count(database).await?,
            overdue: open
                .filter(task::Column::DueOn.lt(today))
                .count(database)
                .await?,
            done: self
                .tasks_of(actor, scope)?
                .filter(task::Column::DoneAt.gte(since))
                .count(database)
                .await?,
            rows: rows
                .into_iter()
                .filter_map(|row| {
                    let lead = leads.get(&row.lead_id)?;
                    let owner_name = people.get(&row.owner_id).cloned().unwrap_or_default();
                    Some(TaskRow {
                        lead_id: row.lead_id,
                        enterprise_name: lead.enterprise_name.clone(),
                        stage: lead.stage,
                        investment_wan: lead.investment_wan,
                        may_write: actor.may(Action::NoteLead {
                            bureau_id: lead.bureau_id,
                        }),
                        task: task_view(row, owner_name),
                    })
                })
                .collect(),
        })
    }

    /// Our open commitments that are overdue or due soon.
    pub(super) async fn due_commitments(
        &self,
        actor: &Actor,
        scope: TodayScope,
    ) -> ServiceResult<DueCommitments> {
        let database = self.database.read();
        let today = self.today();
        let mut due = commitment::Entity::find()
            .join(JoinType::InnerJoin, lead_of_commitment())
            .filter(commitment::Column::DeletedAt.is_null())
            .filter(commitment::Column::Side.eq(Side::Ours.key()))
            .filter(commitment::Column::State.eq(CommitmentState::Open.key()))
            .filter(commitment::Column::DueOn.lte(today + Duration::days(COMMITMENT_DUE_DAYS)))
            .filter(is_open())
            .filter(self.bureau_condition(actor, scope.bureau_id)?);
        if scope.mine {
            due = due.filter(lead::Column::OwnerId.eq(actor.account_id));
        }
        let rows = due
            .clone()
            .order_by_asc(commitment::Column::DueOn)
            .order_by_asc(commitment::Column::Id)
            .limit(FOLLOW_UP_ROWS)
            .all(database)
            .await?;
        let leads = self.lead_facts(rows.iter().map(|row| row.lead_id)).await?;
        Ok(DueCommitments {
            total: due.clone().count(database).await?,
            overdue: due
                .filter(commitment::Column::DueOn.lt(today))
                .count(database)
                .await?,
            rows: rows
                .into_iter()
                .filter_map(|row| {
                    let lead = leads.get(&row.lead_id)?;
                    Some(CommitmentRow {
                        lead_id: row.lead_id,
                        enterprise_name: lead.enterprise_name.clone(),
                        commitment: commitment_view(row),
                    })
                })
                .collect(),
        })
    }

    /// What the weekly meeting goes through.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a bureau whose leads the person may not see.
    pub async fn week_sheet(&self, actor: &Actor, scope: WeekScope) -> ServiceResult<WeekSheet> {
        let database = self.database.read();
        let today = self.today();
        let (first_day, last_day) = week_of(scope.day.unwrap_or(today));
        let (from, until) = (
            local_midnight(first_day),
            local_midnight(last_day + Duration::days(1)),
        );
        let bureaus = self.readable_bureaus(actor).await?;
        let bureau_id = match scope.bureau_id {
            None if actor.reads_every_bureau() => None,
            None => actor.bureau_id,
            asked => asked,
        };
        let of_bureau = self.bureau_condition(actor, scope.bureau_id)?;
        let rules = self.rules_in_force().await?;

        let registered = lead::Entity::find()
            .filter(lead::Column::DeletedAt.is_null())
            .filter(lead::Column::CreatedAt.gte(from))
            .filter(lead::Column::CreatedAt.lt(until))
            .filter(of_bureau.clone());
        // A lead that went back and was signed again counts once.
        let signed_in_week = stage_evidence::Entity::find()
            .select_only()
            .column(stage_evidence::Column::LeadId)
            .filter(stage_evidence::Column::Stage.eq(Stage::Signed.number()))
            .filter(stage_evidence::Column::EnteredAt.gte(from))
            .filter(stage_evidence::Column::EnteredAt.lt(until))
            .into_query();
        let signed = lead::Entity::find()
            .filter(lead::Column::DeletedAt.is_null())
            .filter(lead::Column::Id.in_subquery(signed_in_week))
            .filter(of_bureau.clone());

        let kinds = [
            EventKind::VisitOutbound,
            EventKind::VisitInbound,
            EventKind::VisitOnline,
        ];
        let written: Vec<(String, i64)> = lead_event::Entity::find()
            .select_only()
            .column(lead_event::Column::Kind)
            .column_as(lead_event::Column::Id.count(), "count")
            .join(JoinType::InnerJoin, lead_of_event())
            .filter(lead_event::Column::HappenedAt.gte(from))
            .filter(lead_event::Column::HappenedAt.lt(until))
            .filter(lead_event::Column::Kind.is_in(kinds.map(EventKind::key)))
            .filter(lead::Column::DeletedAt.is_null())
            .filter(of_bureau.clone())
            .group_by(lead_event::Column::Kind)
            .into_tuple()
            .all(database)
            .await?;
        let visits = kinds.map(|kind| {
            written
                .iter()
                .find(|(key, _)| key == kind.key())
                .and_then(|(_, count)| u64::try_from(*count).ok())
                .unwrap_or(0)
        });

        let moved = stage_evidence::Entity::find()
            .join(JoinType::InnerJoin, lead_of_evidence())
            .filter(stage_evidence::Column::EnteredAt.gte(from))
            .filter(stage_evidence::Column::EnteredAt.lt(until))
            .filter(lead::Column::DeletedAt.is_null())
            .filter(of_bureau);
        let moves_total = moved.clone().count(database).await?;
        let moves = moved
            .order_by_desc(stage_evidence::Column::Stage)
            .order_by_desc(stage_evidence::Column::EnteredAt)
            .order_by_desc(stage_evidence::Column::Id)
            .limit(WEEK_ROWS)
            .all(database)
            .await?;
        let leads = lead::Entity::find()
            .filter(lead::Column::Id.is_in(moves.iter().map(|row| row.lead_id)))
            .all(database)
            .await?;
        let cards: HashMap<i64, _> = self
            .cards(leads, &rules)
            .await?
            .into_iter()
            .map(|card| (card.id, card))
            .collect();
        let moves = moves
            .into_iter()
            .filter_map(|row| {
                Some(WeekMove {
                    to: Stage::from_number(row.stage)?,
                    entered_at: row.entered_at,
                    lead: cards.get(&row.lead_id)?.clone(),
                })
            })
            .collect();

        let asked = LeadQuery {
            bureau_id: scope.bureau_id,
            ..LeadQuery::default()
        };
        let [late, lapsing, silent] = self
            .today_sections(actor, waiting(&asked), &rules, WEEK_ROWS)
            .await?;
        let whole = TodayScope {
            mine: false,
            bureau_id: scope.bureau_id,
        };
        Ok(WeekSheet {
            scope,
            bureau: bureaus
                .iter()
                .find(|bureau| Some(bureau.id) == bureau_id)
                .map(tag),
            bureaus: bureaus.iter().map(tag).collect(),
            today,
            first_day,
            last_day,
            registered: counted(totals(database, &registered).await?),
            signed: counted(totals(database, &signed).await?),
            visits,
            moves,
            moves_total,
            late,
            lapsing,
            silent,
            commitments: self.due_commitments(actor, whole).await?,
            tasks: self
                .follow_ups(actor, whole, last_day + Duration::days(7))
                .await?,
        })
    }

    /// What the lead's chain would gain if it were built as planned: its investment stands for a year's output, as in
    /// the what-if of the chain. `None` without a node or an amount.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for another bureau's lead.
    pub async fn lead_gain(&self, actor: &Actor, lead_id: i64) -> ServiceResult<Option<LeadGain>> {
        let lead = existing(self.database.read(), lead_id).await?;
        require(
            actor,
            Action::ReadLead {
                bureau_id: lead.bureau_id,
            },
        )?;
        let (Some(node_id), Some(output_wan)) = (
            lead.chain_node_id,
            lead.investment_wan.filter(|wan| *wan > 0),
        ) else {
            return Ok(None);
        };
        let node = entity::chain_node::Entity::find_by_id(node_id)
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        #[allow(clippy::cast_precision_loss, reason = "an amount in 万元")]
        let output = output_wan as f64;
        let landing = Landing {
            name: lead.title,
            node_id,
            output,
            lead_id: Some(lead.id),
            enterprise_id: Some(lead.enterprise_id),
        };
        let answer = self.what_if(actor, node.chain_id, vec![landing]).await?;
        let names: HashMap<i64, String> = entity::chain_node::Entity::find()
            .select_only()
            .column(entity::chain_node::Column::Id)
            .column(entity::chain_node::Column::Name)
            .filter(entity::chain_node::Column::ChainId.eq(node.chain_id))
            .into_tuple::<(i64, String)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect();
        let name_of = |id: i64| names.get(&id).cloned().unwrap_or_default();
        let Some(own) = answer.nodes.iter().find(|change| change.node_id == node_id) else {
            return Ok(None);
        };
        Ok(Some(LeadGain {
            chain_id: node.chain_id,
            node: (node.name, own.clone()),
            output_wan,
            others: answer
                .nodes
                .iter()
                .filter(|change| change.node_id != node_id && change.is_visible())
                .take(5)
                .map(|change| (name_of(change.node_id), change.clone()))
                .collect(),
            next: answer.next.first().and_then(|id| {
                let change = answer.nodes.iter().find(|change| change.node_id == *id)?;
                Some((name_of(*id), change.class_after, change.score_after?))
            }),
        }))
    }

    /// Reminders whose local time has come within the last week, for those who own the tasks.
    pub(crate) async fn task_notices(&self) -> ServiceResult<Vec<(i64, Notice)>> {
        let database = self.database.read();
        let now = self.now();
        let today = self.today();
        let rang = local_midnight(today) + REMINDER_TIME.signed_duration_since(NaiveTime::MIN);
        // Before the office opens only yesterday's have rung.
        let until = if now < rang {
            today - Duration::days(1)
        } else {
            today
        };
        let tasks = task::Entity::find()
            .join(JoinType::InnerJoin, lead_of_task())
            .filter(task::Column::DeletedAt.is_null())
            .filter(task::Column::DoneAt.is_null())
            .filter(task::Column::RemindOn.lte(until))
            .filter(task::Column::RemindOn.gt(until - Duration::days(7)))
            .filter(is_open())
            .all(database)
            .await?;
        let leads = self
            .lead_facts(tasks.iter().map(|task| task.lead_id))
            .await?;
        Ok(tasks
            .into_iter()
            .filter_map(|task| {
                let lead = leads.get(&task.lead_id)?;
                let notice = Notice {
                    kind: NoticeKind::TaskDue,
                    lead_id: Some(task.lead_id),
                    once: Some(format!("{}:{}", task.id, task.remind_on?)),
                    detail: NoticeDetail {
                        subject: lead.enterprise_name.clone(),
                        to: task.title,
                        day: Some(task.due_on),
                        ..NoticeDetail::default()
                    },
                };
                Some((task.owner_id, notice))
            })
            .collect())
    }

    /// A person's open tasks, for the calendar.
    pub(crate) async fn task_entries(&self, person: &Actor) -> ServiceResult<Vec<FeedEntry>> {
        let mine = TodayScope {
            mine: true,
            bureau_id: None,
        };
        let tasks = self
            .tasks_of(person, mine)?
            .filter(task::Column::DoneAt.is_null())
            .order_by_desc(task::Column::DueOn)
            .limit(FEED_TASKS)
            .all(self.database.read())
            .await?;
        let leads = self
            .lead_facts(tasks.iter().map(|task| task.lead_id))
            .await?;
        Ok(tasks
            .into_iter()
            .filter_map(|task| {
                let lead = leads.get(&task.lead_id)?;
                let time = match task.due_minute {
                    Some(minute) => {
                        let from =
                            local_midnight(task.due_on) + Duration::minutes(i64::from(minute));
                        FeedTime::Span(from, from + Duration::minutes(30))
                    }
                    None => FeedTime::Day(task.due_on),
                };
                Some(FeedEntry {
                    uid: format!("task-{}@wutong", task.id),
                    kind: FeedKind::Task { title: task.title },
                    subject: lead.enterprise_name.clone(),
                    time,
                    place: String::new(),
                    href: format!("/leads/{}", task.lead_id),
                    changed_at: task.created_at,
                })
            })
            .collect())
    }

    fn bureau_condition(
        &self,
        actor: &Actor,
        bureau_id: Option<i64>,
    ) -> Result<Condition, Problem> {
        of_bureau(actor, bureau_id, lead::Column::BureauId, |bureau_id| {
            Action::ReadLead { bureau_id }
        })
    }

    fn tasks_of(&self, actor: &Actor, scope: TodayScope) -> ServiceResult<Select<task::Entity>> {
        let mut tasks = task::Entity::find()
            .join(JoinType::InnerJoin, lead_of_task())
            .filter(task::Column::DeletedAt.is_null())
            .filter(is_open())
            .filter(self.bureau_condition(actor, scope.bureau_id)?);
        if scope.mine {
            tasks = tasks.filter(task::Column::OwnerId.eq(actor.account_id));
        }
        Ok(tasks)
    }

    async fn lead_facts(
        &self,
        ids: impl Iterator<Item = i64>,
    ) -> ServiceResult<HashMap<i64, LeadFacts>> {
        let leads = lead::Entity::find()
            .filter(lead::Column::Id.is_in(ids))
            .all(self.database.read())
            .await?;
        let names = self
            .enterprise_names(leads.iter().map(|lead| lead.enterprise_id))
            .await?;
        Ok(leads
            .into_iter()
            .map(|lead| {
                let facts = LeadFacts {
                    enterprise_name: names.get(&lead.enterprise_id).cloned().unwrap_or_default(),
                    bureau_id: lead.bureau_id,
                    stage: Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
                    investment_wan: lead.investment_wan,
                };
                (lead.id, facts)
            })
            .collect())
    }
}

fn counted((count, investment_wan): (u64, i64)) -> WeekCount {
    WeekCount {
        count,
        investment_wan,
    }
}

fn lead_of_task() -> RelationDef {
    task::Entity::belongs_to(lead::Entity)
        .from(task::Column::LeadId)
        .to(lead::Column::Id)
        .into()
}

fn lead_of_commitment() -> RelationDef {
    commitment::Entity::belongs_to(lead::Entity)
        .from(commitment::Column::LeadId)
        .to(lead::Column::Id)
        .into()
}

fn lead_of_event() -> RelationDef {
    lead_event::Entity::belongs_to(lead::Entity)
        .from(lead_event::Column::LeadId)
        .to(lead::Column::Id)
        .into()
}

fn lead_of_evidence() -> RelationDef {
    stage_evidence::Entity::belongs_to(lead::Entity)
        .from(stage_evidence::Column::LeadId)
        .to(lead::Column::Id)
        .into()
}
