use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users, primary_key(a))]
#[ops(primary_key(a, b))]
struct User {
    a: i32,
    b: i32,
}

fn main() {}
