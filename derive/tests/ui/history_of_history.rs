use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users_history)]
#[ops(history)]
struct User {
    id: i32,
    email: String,
}

fn main() {}
