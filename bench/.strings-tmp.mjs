import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
const { parseAst } = await import('rolldown/parseAst');
const code = readFileSync('/tmp/sz/index.js','utf8');
const ast = parseAst(code);
const found=[]; 
(function walk(n){ if(!n||typeof n!=='object') return; if(Array.isArray(n)) return n.forEach(walk); if(n.type==='Literal'&&typeof n.value==='string') found.push([n.start,n.end]); if(n.type==='TemplateElement') found.push([n.start,n.end]); for(const k in n) if(k!=='type') walk(n[k]); })(ast);
found.sort((a,b)=>a[0]-b[0]);
const gz=s=>gzipSync(s,{level:9}).length; const total=gz(code);
let stripped='',at=0; let long=[];
for(const [s,e] of found){ const t=code.slice(s,e); if(t.length>14){ stripped+=code.slice(at,s)+'""'; at=e; long.push(t);} }
stripped+=code.slice(at);
console.log('total',total,'without long strings',gz(stripped), 'long', long.length, long.join('').length);
for (const t of long.sort((a,b)=>b.length-a.length)) console.log(t.length, t.replace(/\n/g,'\\n'));
