use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
struct User {
    id: i32,
    #[ops(default = 0, generated = "id * 2")]
    twice: i32,
}

fn main() {}
