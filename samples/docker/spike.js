// A spike for k6: from 1 to 30 users in 20 s, and 40 s at 30 users.
import http from 'k6/http';

export const options = { stages: [{ duration: '20s', target: 30 }, { duration: '40s', target: 30 }] };

export default function () {
  const items = Array.from({ length: 60 }, (_, at) => at * 131).join(',');
  http.get(`http://shop:3000/price?items=${items}`);
}
