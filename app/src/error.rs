//! What a server function answers when it cannot do what was asked: a problem, as data.

use std::{fmt, marker::PhantomData};

use domain::problem::Problem;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
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
        // To the server it is a request that makes no sense, and no mistake of its own.
        #[cfg(feature = "ssr")]
        if matches!(
            error,
            ServerFnErrorErr::Args(_)
                | ServerFnErrorErr::MissingArg(_)
                | ServerFnErrorErr::Deserialization(_)
        ) {
            return crate::server_side::fail(Problem::Invalid { fields: Vec::new() });
        }
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

/// A page's data as JSON text. It crosses the wire as it is and is read once, where it is shown: the browser needs
/// the code that reads a shape, once, and none that writes it. That was a fifth of the browser's half.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Encoded<T> {
    pub(crate) json: String,
    #[serde(skip)]
    shape: PhantomData<fn() -> T>,
}

impl<T: Serialize> Encoded<T> {
    /// Writes data.
    ///
    /// # Errors
    /// The data has no JSON form, which would be our mistake.
    pub fn new(data: &T) -> Result<Self, AppError> {
        Ok(Self {
            json: serde_json::to_string(data).map_err(|_| AppError::protocol())?,
            shape: PhantomData,
        })
    }
}

impl<T> Encoded<T> {
    /// The same data as something that may be missing: JSON writes both alike.
    #[must_use]
    pub fn optional(self) -> Encoded<Option<T>> {
        Encoded {
            json: self.json,
            shape: PhantomData,
        }
    }
}

impl<T: DeserializeOwned> Encoded<T> {
    /// Reads the data.
    ///
    /// # Errors
    /// Server and browser are of different versions.
    pub fn read(&self) -> Result<T, AppError> {
        read_json(&self.json)
    }
}

/// Reads JSON. From bytes, as the protocol's own reader does: reading from text would compile all shapes again.
///
/// # Errors
/// The text is not of the shape.
pub fn read_json<T: DeserializeOwned>(json: &str) -> Result<T, AppError> {
    serde_json::from_slice(json.as_bytes()).map_err(|_| AppError::protocol())
}

impl AppError {
    /// Server and browser do not understand each other.
    #[must_use]
    pub fn protocol() -> Self {
        Self(Problem::Internal {
            reference: "protocol".to_owned(),
        })
    }
}
