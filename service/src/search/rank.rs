//! Companies ranked by what they make: the engine finds who may fit, the database says what they make, and
//! [`domain::target::relevance`] compares. Whichever engine looks, the order is ours.

use std::collections::{BTreeSet, HashSet};

use async_trait::async_trait;
use domain::{
    enterprise::DirectoryFilter,
    target::relevance::{Fit, Gram, Profile, Question, Ranking, Statistics},
};

use super::{CandidateRequest, SearchEngine};
use crate::ServiceResult;

/// Where profiles are read.
#[async_trait]
pub trait ProfileSource: Send + Sync {
    /// The profiles of these companies, in any order; one that is not there any more is left out.
    async fn profiles(&self, ids: &[i64]) -> ServiceResult<Vec<(i64, Profile)>>;
}

/// What is ranked by text.
#[derive(Clone, Debug)]
pub struct TextRequest<'a> {
    pub question: &'a Question,
    /// The questions of the nodes beside it, which compete for the same companies.
    pub rivals: &'a [Question],
    pub filter: &'a DirectoryFilter,
    /// Companies that are compared in any case, whatever the engine finds.
    pub certain: &'a [i64],
    /// Candidates of each of the two rounds.
    pub limit: usize,
}

/// Companies by their fit, best first.
#[derive(Clone, Debug, Default)]
pub struct TextRanking {
    pub fits: Vec<Fit>,
    pub stood_in: bool,
}

/// Two rounds: who shares the question's words, then who shares what the best of those have in common.
///
/// # Errors
/// The engine or the source does not answer.
pub async fn rank_by_text(
    engine: &dyn SearchEngine,
    source: &dyn ProfileSource,
    request: &TextRequest<'_>,
) -> ServiceResult<TextRanking> {
    let first = engine
        .candidates(CandidateRequest {
            grams: request.question.grams().collect(),
            filter: request.filter.clone(),
            limit: request.limit,
        })
        .await?;
    let mut outcome = TextRanking {
        fits: Vec::new(),
        stood_in: first.stood_in,
    };
    let mut known: HashSet<i64> = HashSet::new();
    let ids: Vec<i64> = request
        .certain
        .iter()
        .copied()
        .chain(first.ids)
        .filter(|id| known.insert(*id))
        .collect();
    let mut companies = source.profiles(&ids).await?;
    let statistics = statistics(engine, request, &companies, Statistics::default()).await?;
    let mut ranking = Ranking::new(request.question, request.rivals, &statistics);
    ranking.add(companies.iter().cloned());
    let feedback = ranking.feedback();
    if feedback.is_empty() {
        return Ok(outcome);
    }
    let second = engine
        .candidates(CandidateRequest {
            grams: feedback.clone(),
            filter: request.filter.clone(),
            limit: request.limit,
        })
        .await?;
    let ids: Vec<i64> = second
        .ids
        .into_iter()
        .filter(|id| known.insert(*id))
        .collect();
    companies.extend(source.profiles(&ids).await?);
    let statistics = self::statistics(engine, request, &companies, statistics).await?;
    let mut ranking = Ranking::new(request.question, request.rivals, &statistics);
    ranking.add(companies);
    outcome.fits = ranking.rank(&feedback);
    Ok(outcome)
}

/// How rare the grams of these companies and questions are, of which those that are known are not counted again. An
/// engine that cannot count leaves it to the companies.
async fn statistics(
    engine: &dyn SearchEngine,
    request: &TextRequest<'_>,
    companies: &[(i64, Profile)],
    known: Statistics,
) -> ServiceResult<Statistics> {
    let asked = request.rivals.iter().chain([request.question]);
    let new: BTreeSet<Gram> = companies
        .iter()
        .flat_map(|(_, profile)| profile.grams())
        .chain(asked.flat_map(|question| question.grams().map(|(gram, _)| gram)))
        .filter(|gram| !known.frequency.contains_key(gram))
        .collect();
    match engine.statistics(new.into_iter().collect()).await? {
        Some(mut counted) if counted.documents > 0 => {
            counted.frequency.extend(known.frequency);
            Ok(counted)
        }
        _ => Ok(Statistics::of(companies.iter().map(|(_, profile)| profile))),
    }
}
