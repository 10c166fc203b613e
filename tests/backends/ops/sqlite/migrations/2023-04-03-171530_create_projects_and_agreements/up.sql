CREATE TABLE research_projects (
    id INTEGER PRIMARY KEY NOT NULL,
    title TEXT NOT NULL,
    short_title TEXT NOT NULL UNIQUE,
    description TEXT,
    url TEXT,
    originated_on DATE,
    methodologies TEXT NOT NULL DEFAULT '[]'
);

CREATE TABLE project_team_leaders (
    project_id INTEGER NOT NULL REFERENCES research_projects (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (project_id, user_id)
);

CREATE TABLE agreements (
    id INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('contract', 'grant', 'direct_obligation', 'interagency')),
    name TEXT NOT NULL,
    description TEXT,
    reason TEXT CHECK (reason IN ('new_requirement', 'recompete', 'logical_follow_on')),
    incumbent TEXT,
    vendor TEXT,
    contract_number VARCHAR(50),
    funding_opportunity TEXT,
    payee TEXT,
    project_id INTEGER REFERENCES research_projects (id),
    project_officer_id INTEGER REFERENCES users (id),
    starts_on DATE,
    ends_on DATE,
    created_by INTEGER REFERENCES users (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT agreements_period_check CHECK (ends_on IS NULL OR ends_on >= starts_on)
);

CREATE TABLE agreement_team_members (
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (agreement_id, user_id)
);
