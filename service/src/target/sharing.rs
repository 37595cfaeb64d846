//! Whose lists and questions are: a person's own, or shared with the person's bureau.

use domain::{
    account::{Action, Actor},
    problem::Problem,
};
use sea_orm::{ColumnTrait, Condition};

use crate::{ServiceResult, require};

/// Reading what an account keeps and shares with a bureau.
pub(super) const fn reading(account_id: i64, bureau_id: Option<i64>) -> Action {
    Action::ReadView {
        account_id,
        bureau_id,
        for_everybody: false,
    }
}

/// Changing what an account keeps and shares with a bureau.
pub(super) const fn writing(account_id: i64, bureau_id: Option<i64>) -> Action {
    Action::WriteView {
        account_id,
        bureau_id,
        for_everybody: false,
    }
}

/// The rows that this person may read, by the columns of their account and their bureau.
pub(super) fn visible(
    actor: &Actor,
    account: impl ColumnTrait,
    bureau: impl ColumnTrait,
) -> Condition {
    let visible = Condition::any().add(account.eq(actor.account_id));
    if actor.reads_every_bureau() {
        visible.add(bureau.is_not_null())
    } else if let Some(bureau_id) = actor.bureau_id {
        visible.add(bureau.eq(bureau_id))
    } else {
        visible
    }
}

/// The bureau that something is shared with.
pub(super) fn shared(actor: &Actor, is_shared: bool) -> ServiceResult<Option<i64>> {
    if !is_shared {
        return Ok(None);
    }
    let bureau_id = actor.bureau_id.ok_or(Problem::Forbidden)?;
    require(
        actor,
        Action::ShareView {
            bureau_id: Some(bureau_id),
        },
    )?;
    Ok(Some(bureau_id))
}
