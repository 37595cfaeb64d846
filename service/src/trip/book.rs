//! The delegation's book: what is known of each company that a trip visits, in one reading of each table.

use std::collections::{HashMap, HashSet};

use domain::{
    account::{Action, Actor},
    chain::GapClass,
    lead::{CommitmentState, EventKind, FairCompetition, Side, Stage},
    trip::{
        BRIEF_PAST, BRIEF_SUPPLY, Brief, BriefCommitment, BriefFacts, BriefMeeting, BriefNode,
        BriefPerson, TripBook,
    },
};
use entity::{chain_match, commitment, contact, enterprise, lead, lead_event};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{Service, ServiceResult, target::MEETINGS};

impl Service {
    /// The book of a trip.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`], also for another bureau's trip.
    pub async fn trip_book(&self, actor: &Actor, trip_id: i64) -> ServiceResult<TripBook> {
        let trip = self.trip(actor, trip_id).await?;
        let database = self.database.read();
        let mut stops = Vec::new();
        for (team, own) in (0_u8..).zip(&trip.plan.teams) {
            for (day, own) in (0_u8..).zip(&own.days) {
                stops.extend(own.stops.iter().map(|stop| (team, day, own.date, stop)));
            }
        }
        let ids: Vec<i64> = stops.iter().map(|(.., stop)| stop.candidate_id).collect();
        let companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .all(database)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let mut products = self.products_of(&ids).await?;
        let leads: HashMap<i64, lead::Model> = lead::Entity::find()
            .filter(lead::Column::Id.is_in(trip.candidates.iter().filter_map(|one| one.lead_id)))
            .filter(lead::Column::DeletedAt.is_null())
            .all(database)
            .await?
            .into_iter()
            .filter(|lead| {
                actor.may(Action::ReadLead {
                    bureau_id: lead.bureau_id,
                })
            })
            .map(|lead| (lead.id, lead))
            .collect();
        let lead_ids: Vec<i64> = leads.keys().copied().collect();
        let mut people: HashMap<i64, Vec<BriefPerson>> = HashMap::new();
        for row in contact::Entity::find()
            .filter(contact::Column::LeadId.is_in(lead_ids.iter().copied()))
            .filter(contact::Column::DeletedAt.is_null())
            .order_by_asc(contact::Column::Id)
            .all(database)
            .await?
        {
            people.entry(row.lead_id).or_default().push(BriefPerson {
                name: row.name,
                position: row.position,
                phone: row.phone,
            });
        }
        let mut commitments: HashMap<i64, Vec<BriefCommitment>> = HashMap::new();
        for row in commitment::Entity::find()
            .filter(commitment::Column::LeadId.is_in(lead_ids.iter().copied()))
            .filter(commitment::Column::DeletedAt.is_null())
            .filter(commitment::Column::State.eq(CommitmentState::Open.key()))
            .order_by_asc(commitment::Column::DueOn)
            .order_by_asc(commitment::Column::Id)
            .all(database)
            .await?
        {
            commitments
                .entry(row.lead_id)
                .or_default()
                .push(BriefCommitment {
                    side: Side::from_key(&row.side).unwrap_or(Side::Ours),
                    content: row.content,
                    owner: row.owner,
                    due_on: row.due_on,
                    state: CommitmentState::Open,
                    fair_competition: FairCompetition::from_key(&row.fair_competition)
                        .unwrap_or_default(),
                });
        }
        let mut past: HashMap<i64, Vec<BriefMeeting>> = HashMap::new();
        for row in lead_event::Entity::find()
            .filter(lead_event::Column::LeadId.is_in(lead_ids.iter().copied()))
            .filter(lead_event::Column::Kind.is_in(MEETINGS.map(EventKind::key)))
            .order_by_desc(lead_event::Column::HappenedAt)
            .order_by_desc(lead_event::Column::Id)
            .all(database)
            .await?
        {
            let own = past.entry(row.lead_id).or_default();
            if let (true, Some(kind)) = (own.len() < BRIEF_PAST, EventKind::from_key(&row.kind)) {
                own.push(BriefMeeting {
                    at: row.happened_at,
                    kind,
                    body: row.body,
                });
            }
        }
        let nodes = self.brief_nodes(&ids, &leads).await?;
        let rules = self.rules_in_force().await?;
        let local = self.local_supply().await?;
        let lead_of: HashMap<i64, i64> = trip
            .candidates
            .iter()
            .filter_map(|one| Some((one.enterprise_id, one.lead_id?)))
            .collect();
        let short_names: HashMap<i64, String> = trip
            .candidates
            .iter()
            .map(|one| (one.enterprise_id, one.name.clone()))
            .collect();
        let briefs = stops
            .iter()
            .filter_map(|(team, day, date, stop)| {
                let id = stop.candidate_id;
                let company = companies.get(&id)?;
                let made = products.remove(&id).unwrap_or_default();
                let lead = lead_of.get(&id).and_then(|id| leads.get(id));
                let stage = lead.and_then(|lead| Stage::from_number(lead.stage));
                let mut supply = local.links(id, &made, &HashSet::new());
                if let Some(links) = &mut supply {
                    links.truncate(BRIEF_SUPPLY);
                }
                let listed = company.stock_code.as_ref().map(|code| {
                    [company.exchange.as_deref(), Some(code.as_str())]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join(" ")
                });
                Some(Brief {
                    enterprise_id: id,
                    lead_id: lead.map(|lead| lead.id),
                    team: *team,
                    day: *day,
                    date: *date,
                    begin_minute: stop.begin_minute,
                    end_minute: stop.end_minute,
                    name: short_names.get(&id).cloned().unwrap_or_default(),
                    full_name: company.name.clone(),
                    city: stop.city.clone(),
                    address: company.address.clone(),
                    place: nodes.get(&id).cloned(),
                    facts: BriefFacts {
                        products: made.into_iter().map(|(name, _)| name).collect(),
                        revenue_wan: company.revenue_wan,
                        staff: company.staff,
                        industry: company
                            .sw_industry
                            .clone()
                            .or_else(|| company.industry.clone()),
                        listed,
                        investment_wan: lead.and_then(|lead| lead.investment_wan),
                        land_mu: lead.and_then(|lead| lead.land_mu),
                    },
                    supply,
                    past: lead
                        .and_then(|lead| past.remove(&lead.id))
                        .unwrap_or_default(),
                    people: lead
                        .and_then(|lead| people.remove(&lead.id))
                        .unwrap_or_default(),
                    commitments: lead
                        .and_then(|lead| commitments.remove(&lead.id))
                        .unwrap_or_default(),
                    stage,
                    to_ask: stage.map(|stage| rules.asked_after(stage)).unwrap_or_default(),
                })
            })
            .collect();
        Ok(TripBook {
            id: trip.id,
            name: trip.name,
            bureau: trip.bureau,
            start_on: trip.start_on,
            days: trip.days,
            teams: trip.frame.teams,
            plan: trip.plan,
            briefs,
            today: self.today(),
        })
    }

    /// The node of each company: that of its lead, else the gap with the highest score among those that its business
    /// matches.
    async fn brief_nodes(
        &self,
        ids: &[i64],
        leads: &HashMap<i64, lead::Model>,
    ) -> ServiceResult<HashMap<i64, BriefNode>> {
        let mut wanted: HashMap<i64, Vec<i64>> = HashMap::new();
        for row in chain_match::Entity::find()
            .filter(chain_match::Column::EnterpriseId.is_in(ids.iter().copied()))
            .filter(chain_match::Column::Counted.eq(true))
            .all(self.database.read())
            .await?
        {
            wanted.entry(row.enterprise_id).or_default().push(row.node_id);
        }
        for lead in leads.values() {
            if let Some(node_id) = lead.chain_node_id {
                wanted.insert(lead.enterprise_id, vec![node_id]);
            }
        }
        let mut known: HashMap<i64, BriefNode> = HashMap::new();
        for computed in self.computed_chains().await? {
            for score in &computed.score.nodes {
                let Some(node) = computed.nodes.iter().find(|node| node.id == score.node_id) else {
                    continue;
                };
                known.insert(
                    node.id,
                    BriefNode {
                        chain: computed.chain.name.clone(),
                        node: node.name.clone(),
                        class: score.class,
                        score: score.score,
                        local_firms: score.local_firms,
                        cover: score.cover,
                    },
                );
            }
        }
        let is_gap = |node: &BriefNode| {
            matches!(
                node.class,
                GapClass::Missing | GapClass::Weak | GapClass::Extension
            )
        };
        Ok(wanted
            .into_iter()
            .filter_map(|(id, nodes)| {
                let best = nodes
                    .iter()
                    .filter_map(|node| known.get(node))
                    .max_by(|one, other| {
                        let rank = |node: &BriefNode| (is_gap(node), node.score.unwrap_or(0.0));
                        let (one, other) = (rank(one), rank(other));
                        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
                    })?;
                Some((id, best.clone()))
            })
            .collect())
    }
}
