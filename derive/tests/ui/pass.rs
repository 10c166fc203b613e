// Every key, and types that have nothing to do with it.

use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[ops(columns)]
struct Audit {
    #[ops(references(users.id, on_delete = set_null))]
    created_by: Option<i32>,
    #[ops(default = "now()")]
    created_on: i64,
}

// Diesel reads an embedded struct from one table only.
#[derive(OpsModel)]
#[diesel(table_name = crate::schema::posts)]
#[ops(shared(Audit))]
struct Post {
    id: i32,
    created_by: Option<i32>,
}

#[derive(OpsModel)]
#[diesel(table_name = crate::schema::users)]
#[ops(
    unique(email, age, name = "one_each", nulls_not_distinct, initially_deferred),
    index("lower(email)", age desc nulls_last, unique, where = "age > 3", include(kind)),
    index(email class "text_pattern_ops" collate "C", method = "btree", with = "fillfactor=70", concurrent),
    check("age > 0", name = "grown"),
    exclude("USING gist (kind WITH =)"),
    foreign_key(boss, age, references = people(id, age), on_delete = cascade, deferrable),
    comment = "People",
    renamed_from = "people",
    column(secret, sql_type = "bytea", nullable),
    postgres(unlogged, index(kind, method = "hash")),
    sqlite(strict),
    mysql(engine = "InnoDB"),
)]
struct User<'a, T> {
    #[ops(primary_key, identity(always, start = 500, increment = 5))]
    id: i64,
    #[ops(max_length = 200, collate = "C", comment = "Where it goes", unique, postgres(sql_type = "citext"))]
    email: &'a str,
    #[ops(default = 18, index, backfill = 0, renamed_from = "years")]
    age: i32,
    #[ops(references(users))]
    boss: Option<i64>,
    #[ops(precision(12, 2), default = -1.5, check("pay > 0"))]
    pay: f64,
    #[ops(generated("age * 2", virtual))]
    twice: i32,
    #[ops(sequence(name = "numbers", start = 500, cycle))]
    number: i32,
    #[ops(sql_type = "mood", using = "kind::text::mood")]
    kind: T,
    #[diesel(embed)]
    audit: Audit,
    #[ops(skip)]
    cached: bool,
}

fn main() {
    let post = Post { id: 1, created_by: None };
    let _ = (post.id, post.created_by);
    let audit = Audit { created_by: None, created_on: 0 };
    let user = User {
        id: 1,
        email: "",
        age: 1,
        boss: None,
        pay: 0.0,
        twice: 2,
        number: 3,
        kind: "",
        audit,
        cached: false,
    };
    let _ = (user.id, user.email, user.age, user.boss, user.pay, user.twice, user.number, user.kind, user.cached);
    let _ = (user.audit.created_by, user.audit.created_on);
}
