import { rolldown } from 'rolldown';
import { gzipSync } from 'node:zlib';
const src='/work/main/packages/core/src/';
async function size(code){const entry='\0e';const b=await rolldown({input:entry,platform:'neutral',logLevel:'silent',treeshake:true,plugins:[{name:'e',resolveId:i=>i===entry?i:null,load:i=>i===entry?{code,moduleType:'js',moduleSideEffects:true}:i.startsWith('/')?undefined:null,transform:()=>null}]});
const {output}=await b.generate({format:'esm',minify:true});await b.close();const t=output.map(o=>o.code??'').join('');return [t.length,(gzipSync(t,{level:9}).length/1024).toFixed(2)]}
const all=p=>`export * from ${JSON.stringify(src+p)};`;
console.log('root',...await size(all('index.ts')));console.log('webhooks',...await size(all('webhooks/index.ts')));console.log('constraints',...await size(all('constraints/index.ts')));console.log('cuit',...await size(`export { cuit } from ${JSON.stringify(src+'constraints/index.ts')};`));
