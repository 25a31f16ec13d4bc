"""The code samples of the published API, unchanged. For cURL the one of its "Try it out" block."""

HOST = "https://api.tutorarc.cloud"

CURL = r"""curl -X POST "https://api.tutorarc.cloud/api/v1/classes" \
-H "X-API-Key: your_api_key_here" \
-H "Content-Type: application/json" \
-d '{
"title": "Introduction to Calculus",
"startTime": "2026-03-20T10:00:00Z",
"duration": 60,
"strict": true,
"teacherId": "teacher_123"
}'"""

JAVASCRIPT = r"""fetch("https://api.tutorarc.cloud/api/v1/classes", {
method: "POST",
headers: {
"X-API-Key": "your_api_key_here",
"Content-Type": "application/json"
},
body: JSON.stringify({
title: "Introduction to Calculus",
startTime: "2026-03-20T10:00:00Z",
duration: 60,
strict: true,
teacherId: "teacher_123"
})
})
.then(response => response.json())
.then(data => console.log(data));"""

TYPESCRIPT = r"""interface CreateClassData {
title: string;
startTime: string;
duration: number;
strict: boolean;
teacherId: string;
}
const createClass = async (data: CreateClassData) => {
const response = await fetch("https://api.tutorarc.cloud/api/v1/classes", {
method: "POST",
headers: {
"X-API-Key": "your_api_key_here",
"Content-Type": "application/json"
},
body: JSON.stringify(data)
});
return response.json();
};"""

PYTHON = r"""import requests
url = "https://api.tutorarc.cloud/api/v1/classes"
headers = {
"X-API-Key": "your_api_key_here",
"Content-Type": "application/json"
}
payload = {
"title": "Introduction to Calculus",
"startTime": "2026-03-20T10:00:00Z",
"duration": 60,
"strict": True,
"teacherId": "teacher_123"
}
response = requests.post(url, headers=headers, json=payload)
print(response.json())"""
