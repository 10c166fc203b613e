use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
struct User {
    #[ops(primary_key)]
    id: Option<i32>,
}

fn main() {}
