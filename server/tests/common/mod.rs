//! What several tests of the server begin with.

use entity::{enterprise, lead};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use service::Service;

/// Two companies from elsewhere that nobody follows.
pub async fn free_companies(service: &Service) -> [enterprise::Model; 2] {
    let tables = service.database().read();
    let taken: Vec<i64> = lead::Entity::find()
        .all(tables)
        .await
        .unwrap()
        .into_iter()
        .map(|lead| lead.enterprise_id)
        .collect();
    let mut free = enterprise::Entity::find()
        .filter(enterprise::Column::IsLocal.eq(false))
        .filter(enterprise::Column::Closed.eq(false))
        .order_by_asc(enterprise::Column::Id)
        .all(tables)
        .await
        .unwrap()
        .into_iter()
        .filter(|company| !taken.contains(&company.id));
    [free.next().unwrap(), free.next().unwrap()]
}
