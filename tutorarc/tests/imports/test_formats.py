"""Files of other systems: what is taken from OneRoster and Canvas, alone and in a zip file."""

import io
import zipfile

import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.imports import archives
from tutorarc.imports.decoding import Unreadable
from tutorarc.imports.kinds import KINDS, read_upload
from tutorarc.models import User
from tutorarc.tests.imports.importing import consent, groups, newest, preview, reasons
from tutorarc.tests.staff.admin_site import Site

pytestmark = pytest.mark.django_db

KIND = "tutorarc_user"
ONEROSTER = {
    "manifest.csv": "propertyName,value\nmanifest.version,1.0\n",
    "users.csv": "sourcedId,status,enabledUser,username,givenName,familyName,email,password\n"
    "t1,active,true,tt,Tom,Turner,tom@example.org,secret\n"
    "s1,active,true,aa,Amy,Adams,amy@example.org,\n"
    "s2,active,false,bb@example.org,Ben,Brown,,\n"
    "s3,tobedeleted,true,,Cara,Cole,cara@example.org,\n"
    "p1,active,true,,Pat,Parent,pat@example.org,\n",
    "roles.csv": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
    "r1,active,,t1,primary,teacher,,,o1\nr2,active,,t1,secondary,student,,,o1\nr3,active,,s1,primary,student,,,o1\n"
    "r4,active,,p1,primary,parent,,,o1\n",
    "classes.csv": "sourcedId,status,title,courseSourcedId,classCode,classType,schoolSourcedId\n"
    "c1,active,Algebra 1,k1,A1,scheduled,o1\n",
    "enrollments.csv": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary\n"
    "e1,active,,c1,o1,t1,teacher,true\ne2,active,,c1,o1,s1,student,\ne3,active,,c1,o1,s2,student,\n"
    "e4,tobedeleted,,c1,o1,s3,student,\ne5,active,,c1,o1,p1,proctor,\n",
}
CANVAS = {
    "users.csv": "user_id,login_id,password,first_name,last_name,full_name,sortable_name,email,status\n"
    "t1,tom@example.org,,Tom,Turner,,,,active\ns1,amy,,Amy,Adams,Amy A. Adams,,amy@example.org,active\n"
    "s2,ben@example.org,,Ben,Brown,,,,suspended\ns3,cara@example.org,,Cara,Cole,,,,deleted\n",
    "courses.csv": "course_id,short_name,long_name,account_id,term_id,status\nc1,A1,Algebra 1,,,active\n",
    "sections.csv": "section_id,course_id,name,status\nx1,c1,Section 1,active\n",
    "enrollments.csv": "course_id,user_id,role,section_id,status\n,t1,teacher,x1,active\nc1,s1,student,,active\n"
    "c1,s2,observer,,active\nc1,s3,student,,completed\n",
}


def zipped(files, folder=""):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{folder}{name}", text)
    return data.getvalue()


@pytest.mark.parametrize("folder", ["", "export/"])
def test_a_zip_file_of_oneroster_brings_people_classes_and_members(site, folder):
    page = preview(site, zipped(ONEROSTER, folder), "school.zip")
    assert groups(page) == {
        "added": [
            (2, "tom@example.org", "Tom Turner, TEACHER"),
            (3, "amy@example.org", "Amy Adams, STUDENT"),
            (4, "bb@example.org", "Ben Brown, STUDENT, not active"),
            (2, "Algebra 1", "taught by tom@example.org"),
            (3, "amy@example.org in Algebra 1", "STUDENT"),
            (4, "bb@example.org in Algebra 1", "STUDENT"),
        ],
        "left alone": [
            (5, "cara@example.org", "marked for deletion in the file: nothing is deleted here"),
            (5, "cara@example.org in Algebra 1", "marked for deletion in the file: nothing is deleted here"),
        ],
    }
    assert newest().notes == [
        "This is a file of OneRoster, and was read as that.",
        "Only students and teachers are imported. Left out: 1 parent among the people, 1 proctor in a class.",
    ]
    assert consent(site, page) == "Done: 6 added, 0 changed, 2 left alone."
    people = User.objects.exclude(email="root@example.org").order_by("email")
    assert [(user.email, user.global_role, user.external_id, user.is_active) for user in people] == [
        ("amy@example.org", "STUDENT", "s1", True),
        ("bb@example.org", "STUDENT", "s2", False),
        ("tom@example.org", "TEACHER", "t1", True),
    ]
    [klass] = Class.objects.all()
    assert klass.external_id == "c1"
    members = (
        Membership.objects.filter(klass=klass).order_by("user__email").values_list("user__email", "role", "status")
    )
    assert list(members) == [
        ("amy@example.org", "STUDENT", "APPROVED"),
        ("bb@example.org", "STUDENT", "APPROVED"),
        ("tom@example.org", "TEACHER", "APPROVED"),
    ]


def test_the_same_zip_file_again_changes_nothing(site):
    consent(site, preview(site, zipped(ONEROSTER), "school.zip"))
    page = preview(site, zipped(ONEROSTER), "school.zip")
    assert newest().summary == "0 added, 0 changed, 8 left alone"
    assert "everything is already up to date" in page.content.decode()


def test_each_file_of_oneroster_can_be_imported_by_itself_on_any_list(site, root, algebra):
    consent(site, preview(site, ONEROSTER["users.csv"], "users.csv"))
    rosters = Site(root, "members_membership")
    page = preview(rosters, ONEROSTER["enrollments.csv"].replace("c1", "Algebra"), "enrollments.csv")
    assert groups(page)["added"] == [(3, "s1 in Algebra", "STUDENT"), (4, "s2 in Algebra", "STUDENT")]
    assert reasons(page) == [(2, "t1 in Algebra", Membership.StudentCannotTeach.message)]


def test_a_zip_file_of_canvas_brings_people_classes_and_members(site):
    page = preview(site, zipped(CANVAS), "sis.zip")
    reported = "marked for deletion in the file: nothing is deleted here"
    assert groups(page) == {
        "added": [
            (2, "tom@example.org", "Tom Turner, TEACHER"),
            (3, "amy@example.org", "Amy A. Adams, STUDENT"),
            (4, "ben@example.org", "Ben Brown, STUDENT, not active"),
            (2, "Algebra 1", "taught by tom@example.org"),
            (3, "amy@example.org in Algebra 1", "STUDENT"),
        ],
        "left alone": [
            (5, "cara@example.org", reported),
            (5, "cara@example.org in Algebra 1", "not active in the file: stays as it is"),
        ],
    }
    assert newest().notes[-1] == "Only students and teachers are imported. Left out: 1 observer in a class."
    assert consent(site, page) == "Done: 5 added, 0 changed, 2 left alone."


@pytest.mark.parametrize(
    "text",
    [
        "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path\n"
        "Zoë,Zander,zoe@example.org,secret,/\n",
        "First Name [Required],Last Name [Required],Email Address [Required],Status [READ ONLY],Org Unit Path\n"
        "Zoë,Zander,zoe@example.org,Active,/\n",
        "Last Name,First Name,Email Address,Todays Date,Homework 1\nZander,Zoë,zoe@example.org,,7\n",
    ],
)
def test_exports_of_google_are_read(site, text):
    page = preview(site, text, "google.csv")
    assert groups(page) == {"added": [(2, "zoe@example.org", "Zoë Zander, STUDENT")]}
    assert newest().notes[0].startswith("Columns that are not imported: ")


def refused(data):
    with pytest.raises(Unreadable) as refusal:
        read_upload(KINDS["people"], data, "file.zip")
    return refusal.value.reasons


def test_a_zip_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1024**2)
    bomb = zipped({"users.csv": "a" * (1024**2 + 1)})
    assert (len(bomb) < 5000, refused(bomb)) == (True, ["The files in the zip file are larger than 1 MiB."])


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"[Content_Types].xml": "x"}, "This is an Excel workbook. Save it as “CSV UTF-8”, and choose that file."),
        ({f"{number}.csv": "x" for number in range(51)}, "The zip file holds more than 50 files."),
        ({"other.csv": "email\nx"}, "The zip file holds none of the files that can be imported, such as users.csv."),
        ({"users.csv": 'sourcedId\n"x'}, "users.csv: Line 2 is no CSV: unexpected end of data. Are its quotes closed?"),
        (
            {"users.csv": "email\nx", "classes.csv": "title\nx"},
            "The files in this zip file are of no known system. Choose one CSV file.",
        ),
    ],
)
def test_other_zip_files_are_refused(files, reason):
    assert refused(zipped(files)) == [reason]
