//! What a server function answers when it cannot do what was asked: a problem, as data.

use std::fmt;

use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AppError(pub Problem);

impl fmt::Debug for AppError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The words are the page's; this line is for the protocol only, and keeps the browser's half small.
        write!(formatter, "problem {}", self.0.status())
    }
}

impl std::error::Error for AppError {}

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // The request never arrived, or its answer never came back.
            ServerFnErrorErr::Request(_) => Self(Problem::Internal {
                reference: "network".to_owned(),
            }),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self(Problem::Invalid { fields: Vec::new() })
            }
            _ => Self(Problem::Internal {
                reference: "protocol".to_owned(),
            }),
        }
    }
}
