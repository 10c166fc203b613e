use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
struct User {
    id: i32,
    #[ops(max_length = "long")]
    email: String,
}

fn main() {}
