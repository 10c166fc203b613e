use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(indexes(id))]
struct User {
    id: i32,
}

fn main() {}
