use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
struct User {
    id: i32,
    #[ops(comment = "one", comment = "two")]
    a: i32,
}

fn main() {}
