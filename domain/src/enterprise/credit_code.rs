//! The unified social credit code 统一社会信用代码, GB 32100-2015: 17 characters and a check character.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::{fold_full_width, is_invisible};

/// The 31 characters in the order of their values; I, O, S, V and Z are left out because they look like digits or each other.
const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Characters in a code, the check character included.
const LENGTH: usize = 18;

/// A code whose length, characters and check character are right, in upper case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode([u8; LENGTH]);

impl CreditCode {
    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        // All of them are of the 31.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl AsRef<str> for CreditCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<CreditCode> for String {
    fn from(code: CreditCode) -> Self {
        code.as_str().to_owned()
    }
}

impl TryFrom<String> for CreditCode {
    type Error = CreditCodeProblem;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        check_credit_code(&text)
    }
}

/// Why a text is not a credit code. The first thing wrong is named: length, then character, then check character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CreditCodeProblem {
    /// Not 18 characters.
    Length { length: usize },
    /// A character outside the set, with its 1-based position.
    Character { character: char, position: usize },
    /// The last character should be `expected`.
    Check { expected: char },
}

impl fmt::Display for CreditCodeProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { length } => write!(
                formatter,
                "a credit code has {LENGTH} characters, this has {length}"
            ),
            Self::Character {
                character,
                position,
            } => write!(
                formatter,
                "character {position} ({character}) is not used in credit codes"
            ),
            Self::Check { expected } => {
                write!(formatter, "the check character should be {expected}")
            }
        }
    }
}

impl std::error::Error for CreditCodeProblem {}

/// Checks a code as people type it: full-width characters, lower case and white space are tidied first.
///
/// # Errors
/// The first problem found, see [`CreditCodeProblem`].
pub fn check_credit_code(text: &str) -> Result<CreditCode, CreditCodeProblem> {
    let code: String = text
        .chars()
        .map(fold_full_width)
        .filter(|character| !character.is_whitespace() && !is_invisible(*character))
        .map(|character| character.to_ascii_uppercase())
        .collect();
    let length = code.chars().count();
    if length != LENGTH {
        return Err(CreditCodeProblem::Length { length });
    }
    let mut sum = 0;
    let mut weight = 1;
    let mut last = ' ';
    for (index, character) in code.chars().enumerate() {
        let Some(value) = CHARACTERS
            .iter()
            .position(|candidate| char::from(*candidate) == character)
        else {
            return Err(CreditCodeProblem::Character {
                character,
                position: index + 1,
            });
        };
        if index + 1 < LENGTH {
            sum += value * weight;
            weight = weight * 3 % CHARACTERS.len();
        }
        last = character;
    }
    let value = (CHARACTERS.len() - sum % CHARACTERS.len()) % CHARACTERS.len();
    let expected = CHARACTERS.get(value).copied().map_or('0', char::from);
    if last != expected {
        return Err(CreditCodeProblem::Check { expected });
    }
    // Characters of the 31 are a byte each.
    let bytes = code.as_bytes().try_into();
    bytes
        .map(CreditCode)
        .map_err(|_| CreditCodeProblem::Length { length })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_right_code_passes_in_any_dress() {
        // The example printed in the standard's annex.
        let code = check_credit_code("91350100M000100Y43").unwrap();
        assert_eq!(code.as_str(), "91350100M000100Y43");
        assert_eq!(
            check_credit_code(" ９１350100m000100ｙ43\u{3000}").unwrap(),
            code
        );
        assert_eq!(
            serde_json::to_string(&code).unwrap(),
            "\"91350100M000100Y43\""
        );
        assert!(serde_json::from_str::<CreditCode>("\"91350100M000100Y44\"").is_err());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            check_credit_code("91350100M000100Y4X"),
            Err(CreditCodeProblem::Check { expected: '3' })
        );
        assert_eq!(
            check_credit_code("9135"),
            Err(CreditCodeProblem::Length { length: 4 })
        );
        assert_eq!(
            check_credit_code("91350100M000100O43"),
            Err(CreditCodeProblem::Character {
                character: 'O',
                position: 16
            })
        );
        assert_eq!(
            check_credit_code("梧桐栽好引得凤来栖梧桐栽好引得凤来栖"),
            Err(CreditCodeProblem::Character {
                character: '梧',
                position: 1
            })
        );
    }

    proptest! {
        #[test]
        fn exactly_one_check_character_fits(body in "[0-9A-HJ-NPQRTUWXY]{17}") {
            let fitting = CHARACTERS.iter().filter(|character| check_credit_code(&format!("{body}{}", char::from(**character))).is_ok()).count();
            prop_assert_eq!(fitting, 1);
        }

        #[test]
        fn one_wrong_character_is_always_noticed(body in "[0-9A-HJ-NPQRTUWXY]{17}", position in 0usize..17, other in "[0-9A-HJ-NPQRTUWXY]") {
            let code = CHARACTERS.iter().find_map(|character| check_credit_code(&format!("{body}{}", char::from(*character))).ok()).unwrap();
            let changed: String = code.as_str().chars().enumerate()
                .map(|(index, character)| if index == position { other.chars().next().unwrap() } else { character }).collect();
            prop_assert_eq!(check_credit_code(&changed).is_ok(), changed == code.as_str());
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = check_credit_code(&text);
        }
    }
}
