//! One error type for all use cases. A [`Problem`] is for the person; everything else is ours,
//! goes to the log with a reference, and leaves only the reference behind.

use domain::problem::Problem;

use crate::search::SearchError;

pub type ServiceResult<T> = Result<T, ServiceError>;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("{0:?}")]
    Problem(Problem),
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error("search: {0}")]
    Search(#[from] SearchError),
    #[error("{0}")]
    Internal(String),
}

impl From<Problem> for ServiceError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl ServiceError {
    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    /// What the person is told. Internals are logged here, once.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Search(detail) => {
                tracing::warn!(%detail, "search engine");
                Problem::SearchUnavailable
            }
            other => {
                let reference = crate::account::random_token(6).unwrap_or_else(|_| "-".to_owned());
                tracing::error!(%reference, error = %other, "internal error");
                Problem::Internal { reference }
            }
        }
    }

    /// True when another transaction took the same unique value first.
    pub(crate) fn is_unique_violation(error: &sea_orm::DbErr) -> bool {
        matches!(
            error.sql_err(),
            Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
        )
    }
}
