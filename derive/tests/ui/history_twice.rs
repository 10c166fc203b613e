use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(history, history(keep = false))]
struct User {
    id: i32,
    email: String,
}

fn main() {}
