//! The delegation's book: what is known of each company that a trip visits, in one reading of each table.

use std::collections::{HashMap, HashSet};

use domain::{
    account::{Action, Actor},
    chain::GapClass,
    lead::{CommitmentState, EventKind, FairCompetition, Side, Stage},
    trip::{
        BRIEF_LINE, BRIEF_PAST, BRIEF_SUPPLY, Brief, BriefCommitment, BriefFacts, BriefMeeting,
        BriefNode, BriefPerson, BriefStep, QrCode, TripBook, TripCandidate,
    },
};
use entity::{chain_match, commitment, contact, enterprise, lead, lead_event, trip};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{problem::Outline, stored_plan};
use crate::{
    Service, ServiceResult, chain::ComputedChain, lead::visit_line, require, target::MEETINGS,
};

impl Service {
    /// The book of a trip. `base` is the address at which people reach this program, such as
    /// `https://crm.example.cn`: the codes on the sheets lead there.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`], also for another bureau's trip.
    pub async fn trip_book(
        &self,
        actor: &Actor,
        trip_id: i64,
        base: &str,
    ) -> ServiceResult<TripBook> {
        let stored = self.stored_trip(trip_id).await?;
        self.book_of(actor, stored, base).await
    }

    /// [`Service::trip_book`] of a trip at hand.
    pub(super) async fn book_of(
        &self,
        actor: &Actor,
        trip: trip::Model,
        base: &str,
    ) -> ServiceResult<TripBook> {
        let bureau_id = trip.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        let database = self.database.read();
        let candidates = self.trip_candidates(trip.id).await?;
        let plan = stored_plan(&trip)?;
        let outline = Outline::of(&trip)?;
        let ids: Vec<i64> = plan.stops().map(|(.., stop)| stop.candidate_id).collect();
        let companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .all(database)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let mut products = self.products_of(&ids).await?;
        let leads: HashMap<i64, lead::Model> = lead::Entity::find()
            .filter(lead::Column::Id.is_in(candidates.iter().filter_map(|one| one.lead_id)))
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
                    due_on: row.due_on,
                    fair_competition: FairCompetition::from_key(&row.fair_competition)
                        .unwrap_or_default(),
                });
        }
        let mut past: HashMap<i64, (u32, Vec<BriefMeeting>)> = HashMap::new();
        for row in lead_event::Entity::find()
            .filter(lead_event::Column::LeadId.is_in(lead_ids.iter().copied()))
            .filter(lead_event::Column::Kind.is_in(MEETINGS.map(EventKind::key)))
            .order_by_desc(lead_event::Column::HappenedAt)
            .order_by_desc(lead_event::Column::Id)
            .all(database)
            .await?
        {
            let Some(kind) = EventKind::from_key(&row.kind) else {
                continue;
            };
            let (count, own) = past.entry(row.lead_id).or_default();
            *count += 1;
            if own.len() < BRIEF_PAST {
                own.push(BriefMeeting {
                    at: row.happened_at,
                    kind,
                    visit: row.detail.as_ref().and_then(visit_line),
                    body: row.body,
                });
            }
        }
        let nodes = self.brief_nodes(&ids, &leads).await?;
        let rules = self.rules_in_force().await?;
        let local = self.local_supply().await?;
        let candidates: HashMap<i64, TripCandidate> = candidates
            .into_iter()
            .map(|one| (one.enterprise_id, one))
            .collect();
        let address = format!("{}/road/{}", base.trim_end_matches('/'), trip.id);
        let mut briefs = Vec::new();
        for (team, day, own, stop) in plan.stops() {
            let id = stop.candidate_id;
            let Some(company) = companies.get(&id) else {
                continue;
            };
            let candidate = candidates.get(&id);
            let made = products.remove(&id).unwrap_or_default();
            let lead = candidate
                .and_then(|one| one.lead_id)
                .and_then(|id| leads.get(&id));
            let stage = lead.and_then(|lead| Stage::from_number(lead.stage));
            let (past_count, past) = lead
                .and_then(|lead| past.remove(&lead.id))
                .unwrap_or_default();
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
            briefs.push(Brief {
                enterprise_id: id,
                lead_id: lead.map(|lead| lead.id),
                team,
                day,
                date: own.date,
                begin_minute: stop.begin_minute,
                end_minute: stop.end_minute,
                name: candidate.map(|one| one.name.clone()).unwrap_or_default(),
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
                past,
                past_count,
                people: lead
                    .and_then(|lead| people.remove(&lead.id))
                    .unwrap_or_default(),
                commitments: lead
                    .and_then(|lead| commitments.remove(&lead.id))
                    .unwrap_or_default(),
                stage,
                to_ask: rules.pack.to_ask(stage).into_iter().cloned().collect(),
                code: qr_code(&format!("{address}?company={id}")),
            });
        }
        Ok(TripBook {
            id: trip.id,
            name: trip.name,
            bureau: self.bureau_name(bureau_id).await?,
            start_on: trip.start_on,
            days: outline.days,
            teams: outline.frame.teams,
            plan,
            briefs,
            today: self.today(),
            code: qr_code(&address),
            address,
        })
    }

    /// The node of each company: that of its lead, else the gap with the highest score among those that its business
    /// matches.
    pub(super) async fn brief_nodes(
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
            wanted
                .entry(row.enterprise_id)
                .or_default()
                .push(row.node_id);
        }
        for lead in leads.values() {
            if let Some(node_id) = lead.chain_node_id {
                wanted.insert(lead.enterprise_id, vec![node_id]);
            }
        }
        let chains = self.computed_chains().await?;
        let mut known: HashMap<i64, (usize, usize)> = HashMap::new();
        for (chain, computed) in chains.iter().enumerate() {
            for (place, score) in computed.score.nodes.iter().enumerate() {
                known.insert(score.node_id, (chain, place));
            }
        }
        let rank = |&(chain, place): &(usize, usize)| {
            let score = &chains[chain].score.nodes[place];
            let is_gap = matches!(
                score.class,
                GapClass::Missing | GapClass::Weak | GapClass::Extension
            );
            (is_gap, score.score.unwrap_or(0.0))
        };
        Ok(wanted
            .into_iter()
            .filter_map(|(id, nodes)| {
                let (chain, place) = nodes
                    .iter()
                    .filter_map(|node| known.get(node))
                    .copied()
                    .max_by(|one, other| {
                        let (one, other) = (rank(one), rank(other));
                        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
                    })?;
                Some((id, brief_node(&chains[chain], place)?))
            })
            .collect())
    }
}

/// What a brief says of a node, by its place among the scores.
fn brief_node(computed: &ComputedChain, place: usize) -> Option<BriefNode> {
    let score = &computed.score.nodes[place];
    let name_of = |id: i64| {
        computed
            .nodes
            .iter()
            .find(|node| node.id == id)
            .map(|node| node.name.clone())
    };
    let line = line_around(computed, score.node_id)
        .into_iter()
        .filter_map(|id| {
            let own = computed.node_score(id)?;
            Some(BriefStep {
                name: name_of(id)?,
                class: own.class,
                score: own.score,
                is_own: id == score.node_id,
            })
        })
        .collect();
    Some(BriefNode {
        chain_id: computed.chain.id,
        node_id: score.node_id,
        chain: computed.chain.name.clone(),
        node: name_of(score.node_id)?,
        class: score.class,
        score: score.score,
        local_firms: score.local_firms,
        cover: score.cover,
        terms: if score.score.is_some() {
            score.terms.clone()
        } else {
            Vec::new()
        },
        line,
    })
}

/// Nodes from the suppliers of a node to its buyers: on both sides step by step the neighbour with the largest gap
/// score, until [`BRIEF_LINE`] are found.
fn line_around(computed: &ComputedChain, node_id: i64) -> Vec<i64> {
    let mut line = std::collections::VecDeque::from([node_id]);
    let next = |line: &std::collections::VecDeque<i64>, down: bool| {
        let from = if down { line.back() } else { line.front() }.copied()?;
        computed
            .edges
            .iter()
            .filter_map(|edge| {
                let (own, other) = if down {
                    (edge.from_node_id, edge.to_node_id)
                } else {
                    (edge.to_node_id, edge.from_node_id)
                };
                (own == from && !line.contains(&other)).then_some(other)
            })
            .max_by(|one, other| {
                let score = |id: i64| {
                    computed
                        .node_score(id)
                        .and_then(|node| node.score)
                        .unwrap_or(0.0)
                };
                // Of two alike the first, so that the paper does not change from print to print.
                score(*one)
                    .total_cmp(&score(*other))
                    .then_with(|| other.cmp(one))
            })
    };
    loop {
        let before = line.len();
        if line.len() < BRIEF_LINE
            && let Some(buyer) = next(&line, true)
        {
            line.push_back(buyer);
        }
        if line.len() < BRIEF_LINE
            && let Some(supplier) = next(&line, false)
        {
            line.push_front(supplier);
        }
        if line.len() == before {
            return line.into();
        }
    }
}

/// A text as a QR code: one path, a run of dark squares a rectangle. Empty for a text that no code can hold.
pub(super) fn qr_code(text: &str) -> QrCode {
    use std::fmt::Write as _;

    let Ok(code) = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M) else {
        return QrCode::default();
    };
    let side = code.width();
    let dark: Vec<bool> = code
        .to_colors()
        .into_iter()
        .map(|color| color == qrcode::Color::Dark)
        .collect();
    let mut path = String::new();
    for (y, row) in dark.chunks(side).enumerate() {
        let mut x = 0;
        while x < side {
            let run = row[x..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    QrCode {
        side: u16::try_from(side).unwrap_or(0),
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::qr_code;

    #[test]
    fn a_code_has_its_three_corners() {
        let code = qr_code("https://crm.example.cn/road/7?company=12");
        assert_eq!(code.side, 29);
        // The upper edges of the two finders at the top, and that of the third one below.
        assert!(code.path.starts_with("M0 0h7v1h-7z"));
        assert!(code.path.contains("M22 0h7v1h-7z"));
        assert!(code.path.contains("M0 22h7v1h-7z"));
    }
}
